/** Rejects with `late()` when the work takes longer than `ms`; the work goes on, and its own failure is no news. */
export async function within<Result>(work: Promise<Result>, ms: number, late: () => Error): Promise<Result> {
  const timeUp = Promise.withResolvers<never>();
  const timer = setTimeout(() => timeUp.reject(late()), ms);
  try {
    return await Promise.race([work, timeUp.promise]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
