/** A golden file as a module: its JavaScript. */
export function yamlModule(path: string): string;
