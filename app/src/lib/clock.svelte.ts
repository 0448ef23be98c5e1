/** The time as the screens show it: moves on by the minute, so that "14:20" becomes "Yesterday" by itself. */
class ScreenClock {
  now = $state.raw(new Date());

  start(): () => void {
    const timer = setInterval(() => (this.now = new Date()), 60_000);
    const seen = (): void => {
      if (document.visibilityState === "visible") this.now = new Date();
    };
    document.addEventListener("visibilitychange", seen);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", seen);
    };
  }
}

export const clock = new ScreenClock();
