/** Entry of a scanning thread. In the product an import that waits is one of the core, which is loaded with its compiled code. */
void import('./serve-scans.ts').then(({serveScans}) => serveScans())
