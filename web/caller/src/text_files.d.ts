// Tells the compiler that word lists are imported as strings, packed by word_lists.mjs.
declare module "*.txt" {
  const text: string;
  export default text;
}
