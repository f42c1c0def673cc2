"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const config = { displayModeBar: false };

  // Plotly reads texts as markup, and keys may contain anything.
  const plain = (text) =>
    text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

  const style = getComputedStyle(document.documentElement);
  const color = (name) => style.getPropertyValue(`--${name}`).trim();

  const layout = (more) => ({
    paper_bgcolor: color("card"),
    plot_bgcolor: color("card"),
    font: { family: getComputedStyle(document.body).fontFamily, size: 13, color: color("text") },
    margin: { l: 8, r: 24, t: 8, b: 8 },
    hoverlabel: {
      align: "left",
      bgcolor: color("ground"),
      bordercolor: color("quiet"),
      font: { color: color("text") },
    },
    dragmode: false,
    ...more,
  });

  const axis = (more) => ({
    fixedrange: true,
    automargin: true,
    zeroline: false,
    gridcolor: color("line"),
    linecolor: color("line"),
    ...more,
  });

  // Types have patterns too, for people who cannot tell the colors apart.
  const kinds = [
    ["blue", ""],
    ["orange", "/"],
    ["green", "."],
    ["pink", "x"],
  ];
  const paint = (kind) => ({
    color: kind.map(([name]) => color(name)),
    line: { width: 0 },
    pattern: {
      shape: kind.map(([, shape]) => shape),
      fillmode: "overlay",
      size: 7,
      solidity: 0.18,
    },
  });
  const kindOf = (index) => kinds[index % kinds.length];

  const longest = (measures) => Math.max(...measures.flatMap(({ shares }) => shares));
  // Leave 80 pixels for names to the left of the bars, and 155 for texts to the right.
  const stretched = (width) => (width - 80) / Math.max(width - 235, 20);

  const types = ({ names, measures }, width) => ({
    traces: measures.map(({ shares, texts }, index) => ({
      type: "bar",
      orientation: "h",
      x: shares,
      y: names,
      text: texts,
      textposition: "outside",
      textangle: 0,
      cliponaxis: false,
      hoverinfo: "skip",
      marker: { ...paint(names.map((_, place) => kindOf(place))), opacity: index ? 0.6 : 1 },
    })),
    layout: layout({
      barmode: "group",
      bargap: 0.3,
      showlegend: false,
      xaxis: axis({
        range: [0, longest(measures) * stretched(width)],
        visible: false,
      }),
      yaxis: axis({
        autorange: "reversed",
        showgrid: false,
        ticks: "outside",
        tickcolor: color("card"),
      }),
    }),
  });

  const histogram = ({ bounds, labels, counts, axis: type, unit, title }) => {
    const names = labels.map((label) => label.split(" ")[0]);
    const isNamed = type === "category";
    const middles = bounds.map(([low, high]) => low / 2 + high / 2);
    const bars = isNamed
      ? { x: labels.map((_, place) => `${place}`) }
      : { x: middles, width: bounds.map(([low, high]) => 0.92 * (high - low)) };
    const traces = Object.entries(counts).map(([name, values], index) => ({
      type: "bar",
      name,
      ...bars,
      y: values.map((value) => value || null),
      customdata: labels.map(plain),
      hovertemplate: `%{customdata}${unit}: %{y:,} ${name}<extra></extra>`,
      marker: paint(labels.map(() => kindOf(index))),
    }));
    const middle = labels.length / 2 - 0.5;
    const reach = Math.max(labels.length / 2 + 0.1, 6); // no bar is as wide as the chart
    return {
      traces: traces.filter(({ y }) => y.some((value) => value)),
      layout: layout({
        barmode: "stack",
        bargap: 0.08,
        hovermode: "x",
        showlegend: traces.length > 1,
        legend: {
          orientation: "h",
          x: 0,
          y: 1.02,
          yanchor: "bottom",
          traceorder: "normal",
          itemclick: false,
          itemdoubleclick: false,
        },
        xaxis: axis({
          type,
          ...(isNamed && { range: [middle - reach, middle + reach], labelalias: { ...names } }),
          nticks: type === "linear" ? 8 : 4,
          tickformat: isNamed ? "" : ",.9~g",
          ticks: "outside",
          tickcolor: color("quiet"),
          showgrid: false,
          showline: true,
          title: { text: plain(title), font: { size: 13, color: color("quiet") }, standoff: 8 },
        }),
        yaxis: axis({ tickformat: ",", nticks: 6, ticksuffix: " ", rangemode: "tozero" }),
        annotations: [
          {
            visible: type === "log" && names[0] === "0", // a log axis has no tick for zero
            text: names[0],
            x: Math.log10(middles[0]),
            y: 0,
            yref: "paper",
            yanchor: "top",
            yshift: -8,
            showarrow: false,
          },
        ],
      }),
    };
  };

  const tree = (boxes) => ({
    traces: [
      {
        type: "treemap",
        ids: boxes.map((_, place) => `${place}`),
        labels: boxes.map(({ text }) => plain(text)),
        parents: boxes.map(({ parent }) => (parent === null ? "" : `${parent}`)),
        values: boxes.map(({ bytes }) => bytes),
        branchvalues: "total",
        customdata: boxes.map(({ hover }) => hover.map(plain)),
        hovertemplate: "%{customdata[0]}<br>%{customdata[1]}<br>%{customdata[2]}<extra></extra>",
        texttemplate: "%{label}<br>%{customdata[2]}",
        textfont: { size: 13, color: color("text") },
        tiling: { pad: 2 },
        marker: {
          pad: { t: 24, l: 4, r: 4, b: 4 },
          line: { width: 1, color: color("card") },
          colors: boxes.map(({ depth }) => color(`box-${Math.min(depth, 3)}`)),
        },
        pathbar: { thickness: 24 },
      },
    ],
    layout: layout({ margin: { l: 0, r: 0, t: 0, b: 0 } }),
  });

  const charts = { types, sizes: histogram, field: histogram, tree };
  const draw = () => {
    for (const plot of document.querySelectorAll(".plot")) {
      const size = { width: plot.clientWidth, height: plot.clientHeight };
      const { traces, layout } = charts[plot.id](data[plot.id], size.width);
      Plotly.react(plot, traces, { ...layout, ...size }, config);
    }
  };
  new ResizeObserver(draw).observe(document.querySelector(".charts")); // draws at once, too
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
