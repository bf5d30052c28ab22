/** Those who wait for the addon to deliver what has come so far. It answers with how often it was asked, several at once maybe. */
export class Flushes {
  private readonly waiting: (() => void)[] = [];
  private answered = 0;

  /** Resolves when this asking is answered. */
  ask(flush: () => void): Promise<void> {
    const answer = new Promise<void>((resolve) => this.waiting.push(resolve));
    flush();
    return answer;
  }

  answer(count: number): void {
    for (const resolve of this.waiting.splice(0, count - this.answered)) resolve();
    this.answered = count;
  }
}
