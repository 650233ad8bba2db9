// Tells the compiler that text files are imported as strings.
declare module "*.txt" {
  const text: string;
  export default text;
}
