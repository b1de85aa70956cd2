/** Owns the drawings: icons on a grid of 24, Heidi's face and her wave. */
import { h } from "./dom";

const SVG = "http://www.w3.org/2000/svg";

const PATHS = {
  close: "M6 6l12 12M18 6L6 18",
  down: "M6 9l6 6 6-6",
  send: "M12 19V5M5.5 11.5L12 5l6.5 6.5",
  plus: "M12 5v14M5 12h14",
  arrow: "M5 12h13M12.5 6.5L18 12l-5.5 5.5",
  copy: "M9 9h10v11H9zM5 15V4h10",
  check: "M5 12.5l4.5 4.5L19 7.5",
  retry: "M19.5 12a7.5 7.5 0 1 1-2.2-5.3M19.5 3.5v4h-4",
  up: "M7 11v9H4v-9zM7 11l4-8c1.7 0 2.6 1 2.3 2.7L12.7 9H18a2 2 0 0 1 2 2.4l-1.4 7A2 2 0 0 1 16.6 20H7",
  thumbDown:
    "M7 13V4H4v9zM7 13l4 8c1.7 0 2.6-1 2.3-2.7L12.7 15H18a2 2 0 0 0 2-2.4l-1.4-7A2 2 0 0 0 16.6 4H7",
  calendar: "M5 6h14v14H5zM5 10h14M9 3.5v4M15 3.5v4",
  lock: "M6 11h12v9H6zM9 11V8a3 3 0 0 1 6 0v3",
  article: "M6 4h12v16H6zM9 8.5h6M9 12h6M9 15.5h3.5",
  edit: "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
  warning: "M12 4l9 16H3zM12 10v4.5M12 17v.5",
  back: "M19 12H6M11.5 6.5L6 12l5.5 5.5",
  history: "M4.5 12a7.5 7.5 0 1 0 2.2-5.3M4.5 3.5v4h4M12 8v4.5l3 2",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20c.6-3.6 3.6-5.5 7.5-5.5s6.9 1.9 7.5 5.5",
  download: "M12 4v11M7 10.5l5 5 5-5M5 20h14",
} as const;

/** The name of an icon. */
export type IconName = keyof typeof PATHS | "stop" | "more";

/** A drawing in the colour of the text around it. */
export function icon(name: IconName): SVGSVGElement {
  const svg = drawing("0 0 24 24", "icon");
  if (name === "stop") {
    svg.append(shape("rect", { x: 7, y: 7, width: 10, height: 10, rx: 2, fill: "currentColor" }));
    return svg;
  }
  if (name === "more") {
    const dots = [5.5, 12, 18.5].map((cx) => shape("circle", { cx, cy: 12, r: 1.7, fill: "currentColor" }));
    svg.append(...dots);
    return svg;
  }
  svg.append(
    shape("path", {
      d: PATHS[name],
      fill: "none",
      stroke: "currentColor",
      "stroke-width": 1.8,
      "stroke-linecap": "round",
      "stroke-linejoin": "round",
    }),
  );
  return svg;
}

/**
 * A waving hand. Drawn, since many computers have no font with 👋; whoever does not see it is told
 * the sign itself.
 */
export function wave(): HTMLElement {
  const svg = drawing("0 0 48 48", "hand");
  const line = { stroke: "#c07a12", "stroke-width": 2.2, "stroke-linejoin": "round", "stroke-linecap": "round" };
  const skin = { ...line, fill: "#ffcb4c" };
  svg.append(
    // palm with thumb and four fingers, their joints, and the air that moves
    shape("path", {
      ...skin,
      d:
        "M13 27l-5-9c-1.600-3 2-5 3.800-2.400l4.700 7.700-6.200-11.500c-1.600-3 2.600-5.300 4.300-2.400l6.400 11-5-11.200" +
        "c-1.300-3 3-4.900 4.400-1.900l5.300 11.600-2.700-8.600c-1-3 3.200-4.400 4.300-1.400l4.300 11.700c.6-2.600 1-6.300 3.600-6.100" +
        " 2.400.2 2 3.200 1.700 5.400-.7 5.400-.3 8.600-2.200 12.600-3 6.300-9.600 8.700-15 6-3.300-1.600-4.800-4.500-6.700-7.500z",
    }),
    shape("path", { ...line, fill: "none", d: "M16.500 23.300l2.500 4.200M20.800 20.800l2.600 4.600M25.200 19.600l2.300 5" }),
    shape("path", {
      ...line,
      stroke: "currentColor",
      opacity: 0.75,
      fill: "none",
      d: "M33 8c2.500.6 4.400 2.400 5 5M35.500 3.500c4 1 7 4 7.800 8M9 38c1 2.400 2.700 4 5 5M4.500 40.500c1.300 3 3.400 5 6.500 6.200",
    }),
  );
  return h("span", { class: "wave" }, svg, h("span", { class: "visually-hidden" }, "👋"));
}

/** Heidi's face. */
export function face(): SVGSVGElement {
  const svg = drawing("0 0 48 48", "face");
  const hair = "#8a4b2a";
  svg.append(
    // braids with ribbons, hair, face, fringe
    shape("path", { d: "M11 25c-3 4-3 9-1 13 2 1 4 0 4-2 0-4 0-8 1-11z", fill: hair }),
    shape("path", { d: "M37 25c3 4 3 9 1 13-2 1-4 0-4-2 0-4 0-8-1-11z", fill: hair }),
    shape("circle", { cx: 11.5, cy: 35, r: 2, fill: "#ff6b5e" }),
    shape("circle", { cx: 36.5, cy: 35, r: 2, fill: "#ff6b5e" }),
    shape("path", { d: "M10 25C9 14 15 7 24 7s15 7 14 18c-1 4-27 4-28 0z", fill: hair }),
    shape("ellipse", { cx: 24, cy: 26, rx: 11.5, ry: 12, fill: "#ffdcc2" }),
    shape("path", { d: "M12 24c1-7 6-11 12-11s11 4 12 11c-5-1-9-3-12-7-3 4-7 6-12 7z", fill: hair }),
    shape("circle", { cx: 19.5, cy: 26.5, r: 1.6, fill: "#3a2a22" }),
    shape("circle", { cx: 28.5, cy: 26.5, r: 1.6, fill: "#3a2a22" }),
    shape("circle", { cx: 16.8, cy: 30.5, r: 2, fill: "#ff9d86", opacity: 0.7 }),
    shape("circle", { cx: 31.2, cy: 30.5, r: 2, fill: "#ff9d86", opacity: 0.7 }),
    shape("path", {
      d: "M19.5 31c1.5 3 7.5 3 9 0",
      fill: "none",
      stroke: "#b5483b",
      "stroke-width": 1.8,
      "stroke-linecap": "round",
    }),
  );
  return svg;
}

function drawing(viewBox: string, className: string): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", viewBox);
  svg.setAttribute("class", className);
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  return svg;
}

function shape(tag: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}
