/** Questions and answers: what counts as asked again, and the limits of what is kept. */
import { describe, expect, it } from 'vitest';
import { Act, AddressMessage } from '../../src/evidence/address-message.js';
import type { Question } from '../../src/evidence/question.js';
import { Questions } from '../../src/evidence/questions.js';
import { Addresses, Family } from '../../src/inventory/addresses.js';

const SECOND = 1e9;
const [ASKER, TARGET] = [1, 2];

/** A message as read, over and over. */
class Told {
  readonly #message = new AddressMessage(new Addresses(1));

  is(act: Act, sender: number, other: number, mac = 1, vlan = -1, family: Family = Family.Ipv4): AddressMessage {
    return Object.assign(this.#message, { act, sender, other, mac, vlan, family, toGroup: true });
  }
}
const told = new Told();

/** Questions of one asker for one target, at these times. */
function asked(...times: readonly number[]): { questions: Questions; question: Question } {
  const questions = new Questions(new Addresses(1));
  for (const [index, timeNs] of times.entries()) {
    questions.see(index + 1, timeNs, told.is(Act.Ask, ASKER, TARGET), -1, -1);
  }
  return { questions, question: questions.list()[0] as Question };
}

describe('a question', () => {
  it.each([
    ['once', [0], 1, 0],
    ['copies', [0, 0.05 * SECOND, 0.0999 * SECOND], 1, 0],
    ['apart, though sooner than a host asks again', [0, 0.1 * SECOND], 2, 0],
    ['as soon as a host may ask again', [0, 0.4 * SECOND], 2, 1],
    ['a bit sooner', [0, 0.399 * SECOND], 2, 0],
    ['as late as a host may ask again', [0, 5 * SECOND], 2, 1],
    ['a bit later', [0, 5.001 * SECOND], 2, 0],
    ['thrice', [0, SECOND, 2 * SECOND], 3, 2],
    ['backwards', [SECOND, 0], 1, 0],
    ['without a time', [Number.NaN, Number.NaN], 2, 0],
  ])('counts rounds, and how often it was asked again: %s', (_, times, rounds, again) => {
    expect(asked(...times).question).toMatchObject({ rounds, again, frames: times.map((_, i) => i + 1) });
  });

  it('is one for each network, VLAN, family, asker and target', () => {
    const questions = new Questions(new Addresses(1));
    const see = (vni: number, ...words: [number, number, number?, Family?]) => {
      const [sender, other, vlan, family] = words;
      questions.see(1, 0, told.is(Act.Ask, sender, other, 1, vlan, family), vni, -1);
    };
    see(-1, 1, 2);
    see(0, 1, 2);
    see(0xff_ffff, 1, 2);
    see(-1, 2, 1);
    see(-1, 1, 3);
    see(-1, 1, 2, 7);
    see(-1, 1, 2, -1, Family.Ipv6);
    expect(questions.list()).toHaveLength(7);
    see(-1, 1, 2);
    expect(questions.list()).toHaveLength(7);
  });

  it('is none where it goes to one host, and an answer to no question is none', () => {
    const questions = new Questions(new Addresses(1));
    questions.see(1, 0, Object.assign(told.is(Act.Ask, 1, 2), { toGroup: false }), -1, -1);
    questions.see(2, 0, told.is(Act.Answer, 2, 1), -1, -1);
    questions.see(3, 0, told.is(Act.Announce, 2, 1), -1, -1);
    expect(questions.list()).toEqual([]);
  });

  it('is not answered by who asks back, or announces itself', () => {
    const { questions, question } = asked(0);
    questions.see(2, 1, Object.assign(told.is(Act.Ask, TARGET, ASKER), { toGroup: false }), -1, -1);
    questions.see(3, 2, told.is(Act.Announce, TARGET, ASKER), -1, -1);
    expect(question.answers).toEqual([]);
    questions.see(4, 3, told.is(Act.Answer, TARGET, ASKER), -1, -1);
    expect(question.answers).toHaveLength(1);
  });

  it('keeps the first 100 frames, its own among those of others, and counts on', () => {
    const questions = new Questions(new Addresses(1));
    for (let frame = 1; frame <= 240; frame += 2) {
      questions.see(frame, frame * SECOND, told.is(Act.Ask, ASKER, TARGET), -1, -1);
      questions.see(frame + 1, frame * SECOND, told.is(Act.Ask, TARGET, ASKER), -1, -1);
    }
    const [first, second] = questions.list();
    expect(first).toMatchObject({ frames: Array.from({ length: 100 }, (_, index) => 2 * index + 1), rounds: 120 });
    expect(second).toMatchObject({ frames: Array.from({ length: 100 }, (_, index) => 2 * index + 2), rounds: 120 });
  });

  it('keeps 16 ways that it was asked through', () => {
    const { questions, question } = asked(0);
    for (let row = 0; row < 20; row++) {
      for (const frame of [1, 2]) questions.see(frame, 0, told.is(Act.Ask, ASKER, TARGET), -1, row);
    }
    expect(question.rows).toEqual(Array.from({ length: 16 }, (_, row) => row));
  });
});

describe('answers', () => {
  it.each([
    ['at once', 0, [1]],
    ['in a second', SECOND, [1]],
    ['later', 1.001 * SECOND, []],
  ])('count for the round before: %s', (_, timeNs, rounds) => {
    const { questions, question } = asked(0);
    questions.see(2, timeNs, told.is(Act.Answer, TARGET, ASKER), -1, -1);
    expect(question.answers).toMatchObject([{ rounds, frames: { frames: [2] } }]);
  });

  it('count once a round, for the first 100; frames are counted on', () => {
    const { questions, question } = asked();
    expect(question).toBeUndefined();
    for (let round = 0; round < 120; round++) {
      questions.see(1, round * SECOND, told.is(Act.Ask, ASKER, TARGET), -1, -1);
      for (const copy of [2, 3]) questions.see(copy, round * SECOND, told.is(Act.Answer, TARGET, ASKER), -1, -1);
    }
    expect(questions.list()[0]?.answers).toMatchObject([
      { rounds: Array.from({ length: 100 }, (_, round) => round + 1), frames: { count: 240 } },
    ]);
  });

  it('are kept by MAC and way, four of a question', () => {
    const { questions, question } = asked(0);
    for (const [mac, row] of [
      [1, 7],
      [1, 8],
      [2, 7],
      [1, 7],
      [3, 7],
      [4, 7],
    ] as const) {
      questions.see(2, 0, told.is(Act.Answer, TARGET, ASKER, mac), -1, row);
    }
    expect(question.answers.map(({ mac, row, frames }) => [mac, row, frames.count])).toEqual([
      [1, 7, 2],
      [1, 8, 1],
      [2, 7, 1],
      [3, 7, 1],
    ]);
  });
});

it('keeps 16,384 questions, and goes on with those', () => {
  const questions = new Questions(new Addresses(1));
  for (let target = 0; target < 16_390; target++) questions.see(1, 0, told.is(Act.Ask, ASKER, target), -1, -1);
  expect(questions.list()).toHaveLength(16_384);
  for (const target of [0, 16_383, 16_385]) {
    questions.see(2, SECOND, told.is(Act.Ask, ASKER, target), -1, -1);
    questions.see(3, SECOND, told.is(Act.Answer, target, ASKER), -1, -1);
  }
  const list = questions.list();
  expect(list).toHaveLength(16_384);
  expect([0, 1, 16_383].map((at) => [list[at]?.rounds, list[at]?.answers.length])).toEqual([
    [2, 1],
    [1, 0],
    [2, 1],
  ]);
});
