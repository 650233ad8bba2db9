// Pushes phrases out of the browser's own memory: Firefox keeps what its last 150 keys were derived from, until others follow.

/** More than any browser is known to keep; together they take some milliseconds. */
export const DUMMIES = 200;
const SALT_BYTES = 16;

export class PushOut {
  private key: CryptoKey | null = null;

  constructor(private readonly crypto: Pick<Crypto, "getRandomValues" | "subtle">) {}

  /** Makes ready what `run` needs, so that nothing is waited for when the page goes. */
  async prepare(): Promise<void> {
    const nothing = new Uint8Array(SALT_BYTES);
    this.key = await this.crypto.subtle.importKey("raw", nothing, "PBKDF2", false, ["deriveBits"]);
  }

  /** Begins the derivations, of one round each; they end by themselves, also when the page is gone. */
  run(): void {
    const { key } = this;
    if (!key) return;
    for (let i = 0; i < DUMMIES; i++) {
      // Drawn each time: a derivation that is kept already would push nothing out.
      const salt = this.crypto.getRandomValues(new Uint8Array(SALT_BYTES));
      const parameters = { name: "PBKDF2", hash: "SHA-512", salt, iterations: 1 };
      this.crypto.subtle.deriveBits(parameters, key, 256).catch(() => {});
    }
  }
}
