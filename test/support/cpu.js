/** Milliseconds of processor time that this process has used: what a busy machine takes away does not count. */
export function cpuMs() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
}
//# sourceMappingURL=cpu.js.map