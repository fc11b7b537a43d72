/** When the frame that is looked at was seen. */
export class Clock {
  /**
   * ns since the start of the analysis, not corrected; NaN where it has no time. A field: handed from function to function,
   * a double of each frame would lie on the heap.
   */
  timeNs: number;

  constructor() {
    this.timeNs = Number.NaN;
  }
}
