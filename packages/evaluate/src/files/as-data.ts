import { GanfitError } from "@ganfit/core";

/** What `read` gives; its errors about models are about data here. */
export function asData<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof GanfitError)) throw cause;
    throw new GanfitError("data", cause.message, { cause });
  }
}
