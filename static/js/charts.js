/* Draws the charts of the operators' pages from the numbers that stand beside them as JSON.
   Chart.js comes with the admin's theme. Colours are read from the page's style, anew when the theme changes. */
(function () {
  "use strict";

  const drawn = [];

  function colour(box, name) {
    return getComputedStyle(box).getPropertyValue(name).trim();
  }

  function clear(hex, share) {
    return hex + Math.round(share * 255).toString(16).padStart(2, "0");
  }

  function points(numbers, values) {
    return numbers.xs ? values.map((value, index) => ({ x: numbers.xs[index], y: value })) : values;
  }

  /* Two hidden lines with the space between them filled. */
  function band(numbers, series, ink) {
    const edge = { borderWidth: 0, pointRadius: 0, pointHitRadius: 0, isBand: true, tension: 0 };
    return [
      { ...edge, label: series.name + ", low", data: points(numbers, series.low), fill: false },
      { ...edge, label: series.name + ", high", data: points(numbers, series.high), fill: "-1", backgroundColor: clear(ink, 0.14) },
    ];
  }

  function asLine(numbers, series, ink) {
    const dots = Boolean(series.dots);
    const main = {
      label: series.name,
      data: points(numbers, series.values),
      borderColor: dots ? clear(ink, 0.45) : ink,
      backgroundColor: dots ? clear(ink, 0.45) : ink,
      borderWidth: dots ? 0 : 2,
      borderDash: series.dashed ? [6, 5] : [],
      pointRadius: dots ? 2.5 : numbers.labels.length > 1 ? 0 : 4,
      pointHitRadius: 8,
      showLine: !dots,
      spanGaps: false,
      tension: 0,
      interval: series,
    };
    return series.band ? [...band(numbers, series, ink), main] : [main];
  }

  function asBar(numbers, series, ink) {
    return [{
      label: series.name,
      data: series.values,
      backgroundColor: clear(ink, 0.75),
      hoverBackgroundColor: ink,
      maxBarThickness: 28,
      interval: series,
    }];
  }

  function asScatter(numbers, series, ink) {
    return [{
      type: "line",
      label: series.name,
      data: points(numbers, series.values),
      borderColor: ink,
      backgroundColor: ink,
      borderWidth: 2,
      pointRadius: 4,
      interval: series,
    }];
  }

  function mark(numbers, value, name, ink) {
    return {
      type: "line",
      label: name,
      data: numbers.labels.map(() => value),
      borderColor: ink,
      backgroundColor: ink,
      borderWidth: 1.5,
      borderDash: [2, 4],
      pointRadius: 0,
      pointHitRadius: 0,
      fill: false,
    };
  }

  function datasets(numbers, box) {
    const make = { line: asLine, bar: asBar, scatter: asScatter }[numbers.type];
    const all = numbers.series.flatMap((series) => make(numbers, series, colour(box, "--chart-" + (((series.hue - 1) % 5) + 1))));
    const quiet = colour(box, "--chart-mark");
    for (const one of numbers.marks || []) {
      all.push(mark(numbers, one.value, "wanted: " + one.name, quiet));
    }
    if (numbers.diagonal) {
      all.push({ ...mark({ labels: [] }, 0, "as predicted", quiet), data: [{ x: 0, y: 0 }, { x: 1, y: 1 }] });
    }
    return all;
  }

  /* A thin line from the low to the high end of each bar's or point's interval. */
  const whiskers = {
    id: "whiskers",
    afterDatasetsDraw(chart) {
      if (chart.numbers.type === "line") return;
      chart.data.datasets.forEach((dataset, index) => {
        const series = dataset.interval;
        if (!series || !series.low) return;
        chart.ctx.strokeStyle = chart.ink;
        chart.ctx.lineWidth = 1.5;
        chart.getDatasetMeta(index).data.forEach((element, place) => {
          if (series.low[place] === null) return;
          chart.ctx.beginPath();
          chart.ctx.moveTo(element.x, chart.scales.y.getPixelForValue(series.low[place]));
          chart.ctx.lineTo(element.x, chart.scales.y.getPixelForValue(series.high[place]));
          chart.ctx.stroke();
        });
      });
    },
  };

  function words(item) {
    const series = item.dataset.interval;
    const value = item.parsed.y;
    const text = item.dataset.label + ": " + (Number.isInteger(value) ? value : value.toFixed(3));
    if (!series || !series.low || series.low[item.dataIndex] === null) return text;
    return text + " (" + series.low[item.dataIndex].toFixed(3) + " to " + series.high[item.dataIndex].toFixed(3) + ")";
  }

  function options(numbers, ink, line) {
    const axis = { ticks: { color: ink }, grid: { color: line }, border: { color: line } };
    const x = { ...axis, grid: { display: false } };
    if (numbers.type === "scatter") Object.assign(x, { type: "linear", min: 0, max: 1, title: { display: true, text: "Mean score", color: ink } });
    else x.ticks = { color: ink, maxRotation: 0, autoSkip: true, autoSkipPadding: 12 };
    return {
      responsive: true,
      maintainAspectRatio: false,
      animation: false,
      interaction: { mode: numbers.type === "line" ? "index" : "nearest", intersect: false },
      scales: { x, y: { ...axis, beginAtZero: numbers.type !== "line", suggestedMax: numbers.diagonal ? 1 : undefined } },
      plugins: {
        legend: {
          display: numbers.series.length + (numbers.marks || []).length > 1 || Boolean(numbers.diagonal),
          position: "bottom",
          align: "start",
          labels: {
            color: ink,
            boxWidth: 18,
            boxHeight: 2,
            filter: (item, data) => !data.datasets[item.datasetIndex].isBand,
          },
        },
        tooltip: { filter: (item) => !item.dataset.isBand, callbacks: { label: words } },
      },
    };
  }

  function draw(box) {
    const numbers = JSON.parse(document.getElementById(box.dataset.numbers).textContent);
    const ink = colour(box, "--chart-ink");
    const chart = new Chart(box.querySelector("canvas"), {
      type: numbers.type === "scatter" ? "line" : numbers.type,
      data: { labels: numbers.xs ? undefined : numbers.labels, datasets: datasets(numbers, box) },
      options: options(numbers, ink, colour(box, "--chart-line")),
      plugins: [{ ...whiskers, beforeInit: (made) => { made.numbers = numbers; made.ink = ink; } }],
    });
    drawn.push(chart);
  }

  function drawAll() {
    drawn.splice(0).forEach((chart) => chart.destroy());
    document.querySelectorAll(".drawing[data-numbers]").forEach(draw);
  }

  drawAll();
  new MutationObserver(drawAll).observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
})();
