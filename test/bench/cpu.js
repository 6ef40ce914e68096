'use strict';

// What a process costs, as Linux counts it.

const fs = require('node:fs');

const TICKS_PER_SECOND = 100; // what the kernel tells programs, whatever its own clock

/** The fields of /proc/PID/stat from the third (state) on, or null when the process is gone. */
function statFields(pid) {
  try {
    const text = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

/** The process and all that descend from it. */
function processTree(pid) {
  const parents = fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), parent: Number(statFields(name)?.[1]) }));
  const tree = [pid];
  for (const member of tree) {
    tree.push(...parents.filter(({ parent }) => parent === member).map((child) => child.pid));
  }
  return tree;
}

/** Seconds of user and system time that the process, and with `tree` its descendants, have used. */
function cpuSeconds(pid, { tree = false } = {}) {
  const ticks = (tree ? processTree(pid) : [pid]).map((member) => {
    const fields = statFields(member);
    return fields ? Number(fields[11]) + Number(fields[12]) : 0;
  });
  return ticks.reduce((sum, each) => sum + each, 0) / TICKS_PER_SECOND;
}

/** A number of /proc/PID/status, such as VmRSS (kB) or Threads. */
function statusNumber(pid, name) {
  const text = fs.readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(text)[1]);
}

/** Seconds of each thread, summed over threads of one name, the dearest first. */
function threadSeconds(pid) {
  const seconds = new Map();
  for (const id of fs.readdirSync(`/proc/${pid}/task`)) {
    const fields = statFields(`${pid}/task/${id}`);
    if (!fields) continue;
    const name = fs.readFileSync(`/proc/${pid}/task/${id}/comm`, 'latin1').trim().replace(/[0-9]+/g, '*');
    const used = (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    const { sum = 0, threads = 0 } = seconds.get(name) ?? {};
    seconds.set(name, { sum: sum + used, threads: threads + 1 });
  }
  return seconds;
}

/** How busy the machine is: the load averages of the last 1, 5 and 15 minutes. */
const loadAverage = () => fs.readFileSync('/proc/loadavg', 'latin1').split(' ').slice(0, 3).map(Number);

module.exports = { cpuSeconds, loadAverage, processTree, statusNumber, threadSeconds };
