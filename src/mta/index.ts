export { createRenderer, type Renderer } from "./render-message.ts";
