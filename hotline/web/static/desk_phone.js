// @ts-check
// A supervisor's own telephone on the duty desk: what rings when they come to an agent's side.

import { at } from "./dom.js";
import { mountPhone } from "./phone.js";

mountPhone(at("phone"), { extension: String(at("phone").dataset.extension) });
