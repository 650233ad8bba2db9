// Lets Node import files of texts as strings, as the bundler does.
import { register } from "node:module";

register("./text_imports_hook.mjs", import.meta.url);
