/** Tells one check's result; `problem` null when it passed. `count` of checks that it stands for, 1 when absent. */
export type Report = (name: string, problem: string | null, count?: number) => void;
