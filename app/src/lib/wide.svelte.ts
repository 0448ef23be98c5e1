/** How much room there is: one pane, two, or three. */
class Wide {
  tablet = $state(false);
  desk = $state(false);

  constructor() {
    const watch = (query: string, set: (matches: boolean) => void): void => {
      const media = matchMedia(query);
      set(media.matches);
      media.addEventListener("change", (event) => set(event.matches));
    };
    watch("(min-width: 720px)", (matches) => (this.tablet = matches));
    watch("(min-width: 1100px)", (matches) => (this.desk = matches));
  }
}

export const wide = new Wide();
