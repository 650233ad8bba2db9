// Lets Node import word lists as packed strings, as the bundler does.
import { register } from "node:module";

register("./text_imports_hook.mjs", import.meta.url);
