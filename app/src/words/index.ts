import { en, type Words } from "./en";

const languages: Readonly<Record<string, Words>> = { en };

/** The words of the first language that this browser's person reads and the app speaks. */
export const words: Words =
  navigator.languages.map((one) => languages[one.split("-")[0] ?? ""]).find((one) => one !== undefined) ?? en;
