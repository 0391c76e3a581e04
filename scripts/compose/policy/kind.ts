/** What a stack is for: a production host, or a developer's machine with ports on its loopback. */
export type Kind = 'production' | 'development';
