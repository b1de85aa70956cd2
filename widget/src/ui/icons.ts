/** Owns the drawings: icons on a grid of 24, and Heidi's face. All are decoration. */

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
} as const;

/** The name of an icon. */
export type IconName = keyof typeof PATHS | "stop";

/** A drawing in the colour of the text around it. */
export function icon(name: IconName): SVGSVGElement {
  const svg = drawing("0 0 24 24", "icon");
  if (name === "stop") {
    svg.append(shape("rect", { x: 7, y: 7, width: 10, height: 10, rx: 2, fill: "currentColor" }));
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
