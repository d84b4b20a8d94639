export { renderSource } from "./render-source.ts";
