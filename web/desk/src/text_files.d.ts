// Tells the compiler that files of texts are imported as strings, as the bundler does.
declare module "*.ftl" {
  const text: string;
  export default text;
}
