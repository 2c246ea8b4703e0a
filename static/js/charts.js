/* Drawings of the tables beside them: every figure is read from its table, so that both say the same and the page
   is whole without this. */
(function () {
  'use strict';

  var COLOURS = ['#0b6e66', '#c9772b', '#4a6fa5', '#8a5a83', '#6b7a3a', '#b0453c', '#5b6770'];

  function words(cell) { return cell.textContent.trim(); }

  function figure(cell) {
    var value = parseFloat(words(cell).replace('%', ''));
    return isNaN(value) ? 0 : value;
  }

  function read(table) {
    var heads = [].slice.call(table.tHead.rows[table.tHead.rows.length - 1].cells);
    var rows = [].slice.call(table.tBodies[0].rows).filter(function (row) {
      return !row.classList.contains('wq-report__total');
    });
    if (table.tHead.rows.length === 1) { heads = heads.slice(1); }
    return {
      heads: heads.map(words),
      names: rows.map(function (row) { return words(row.cells[0]); }),
      column: function (n) { return rows.map(function (row) { return figure(row.cells[n + 1]); }); }
    };
  }

  /* 2026年3月 as 3月 where all are of one year. */
  function shortened(names) {
    var year = /^\d{4}年(?=\d)/.exec(names[0]);
    var same = year && names.every(function (name) { return name.indexOf(year[0]) === 0; });
    return function (name) { return same ? name.slice(year[0].length) : name; };
  }

  function frame(told, series, turned) {
    var names = { type: 'category', data: told.names, inverse: turned, axisLabel: { interval: 0, rotate: turned ? 0 : 30, hideOverlap: true, formatter: shortened(told.names) } };
    var values = { type: 'value', minInterval: 1 };
    return {
      animation: false,
      color: COLOURS,
      aria: { enabled: true, decal: { show: true } },
      tooltip: { trigger: 'axis', renderMode: 'richText', confine: true },
      legend: { top: 0 },
      grid: { left: 12, right: 24, top: 40, bottom: 12, containLabel: true },
      xAxis: turned ? values : names,
      yAxis: turned ? names : values,
      series: series
    };
  }

  function bars(told, columns, options) {
    return columns.map(function (n) {
      return { name: told.heads[n], type: 'bar', stack: options.stack, data: told.column(n), barMaxWidth: 36 };
    });
  }

  function range(end) { return Array.apply(null, { length: end }).map(function (_, n) { return n; }); }

  /* Parts of each month in percent of that month's whole. */
  function shares(told) {
    var last = told.heads.length - 1;
    var whole = told.column(last);
    return bars(told, range(last), { stack: 'all' }).map(function (one) {
      one.data = one.data.map(function (value, n) { return whole[n] ? Math.round(1000 * value / whole[n]) / 10 : 0; });
      return one;
    });
  }

  var DRAWN = {
    months: function (told) { return frame(told, bars(told, range(told.heads.length - 1), { stack: 'all' }), false); },
    categories: function (told) { return frame(told, bars(told, [0], {}), true); },
    levels: function (told) {
      var drawn = frame(told, shares(told), false);
      drawn.yAxis = { type: 'value', max: 100, axisLabel: { formatter: '{value}%' } };
      return drawn;
    },
    share: function (told) { return frame(told, bars(told, [0], {}), true); },
    punctual: function (told) {
      var series = bars(told, [3, 6], {});
      series[0].name = '签收及时率';
      series[1].name = '反馈及时率';
      var drawn = frame(told, series, true);
      drawn.xAxis = { type: 'value', max: 100, axisLabel: { formatter: '{value}%' } };
      return drawn;
    },
    late: function (told) { return frame(told, bars(told, [1], {}), true); }
  };

  document.querySelectorAll('[data-chart]').forEach(function (section) {
    var told = read(section.querySelector('table'));
    var draw = DRAWN[section.dataset.chart];
    if (!draw || !told.names.length) { return; }
    var place = document.createElement('div');
    place.className = 'wq-report__chart';
    section.insertBefore(place, section.querySelector('.wq-report__scroll'));
    var chart = window.echarts.init(place, null, { renderer: 'svg' });
    chart.setOption(draw(told));
    window.addEventListener('resize', function () { chart.resize(); });
  });
}());
