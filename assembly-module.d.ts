/** An AssemblyScript file as a module: its JavaScript. */
export function assemblyModule(path: string): Promise<string>;
