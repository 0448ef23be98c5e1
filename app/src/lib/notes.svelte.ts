/**
 * What is said in passing, at the foot of the screen: that something was done, and how to take it back.
 */

export interface Note {
  readonly id: number;
  readonly text: string;
  readonly tone: "plain" | "bad";
  readonly action: { readonly label: string; readonly run: () => void } | null;
}

export interface NoteOptions {
  tone?: Note["tone"];
  action?: Note["action"];
  /** How long it stays, in milliseconds; a note with a way back stays longer. */
  stay?: number;
}

class Notes {
  all = $state.raw<readonly Note[]>([]);
  #next = 1;

  say(text: string, { tone = "plain", action = null, stay = action ? 8000 : 4000 }: NoteOptions = {}): () => void {
    const note: Note = { id: this.#next++, text, tone, action };
    this.all = [...this.all.slice(-1), note]; // two at most: a third would cover the list
    const timer = setTimeout(() => this.drop(note.id), stay);
    return () => {
      clearTimeout(timer);
      this.drop(note.id);
    };
  }

  drop(id: number): void {
    this.all = this.all.filter((one) => one.id !== id);
  }
}

export const notes = new Notes();
