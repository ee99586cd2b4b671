// The SIP library as one module for the pages; `scripts/up` bundles it (hotline/install/browser_parts.py).
export { default } from "jssip";
