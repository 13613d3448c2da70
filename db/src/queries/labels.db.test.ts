import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/index.ts';
import { insertUser } from './auth.ts';
import { createLabel, findLabel, hideLabel, listLabels, voteLabel, wilsonLowerBound } from './labels.ts';

let database: TestDatabase;
let db: TestDatabase['orm'];
let people: string[];
let made = 0;
const nextFeature = () => ({ modelId: 'toy', sourceId: '2-res-tk', index: ++made });

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.orm;
  const names = ['Ada', 'Grace', 'Emmy', 'Sofia', 'Maria'];
  people = [];
  for (const name of names) people.push((await insertUser(db, { name, email: `${name}@example.org` }))!.id);
});
afterAll(() => database.drop());

describe('votes', () => {
  test('a person has one vote on a label, which changes and goes', async () => {
    const address = nextFeature();
    const labelId = await createLabel(db, { address, text: 'dogs', authorId: people[0]! });
    const vote = (value: 1 | 0 | -1) => voteLabel(db, { labelId, userId: people[1]!, value });
    expect(await vote(1)).toEqual({ upvotes: 1, downvotes: 0, score: 1, myVote: 1 });
    expect(await vote(1)).toEqual({ upvotes: 1, downvotes: 0, score: 1, myVote: 1 });
    expect(await vote(-1)).toEqual({ upvotes: 0, downvotes: 1, score: -1, myVote: -1 });
    expect(await listLabels(db, address, { userId: people[1]! })).toMatchObject([{ score: -1, myVote: -1 }]);
    expect(await listLabels(db, address)).toMatchObject([{ score: -1, myVote: 0 }]);
    expect(await vote(0)).toEqual({ upvotes: 0, downvotes: 0, score: 0, myVote: 0 });
  });

  test('votes at the same moment are all counted', async () => {
    const address = nextFeature();
    const labelId = await createLabel(db, { address, text: 'dogs', authorId: people[0]! });
    await Promise.all(people.flatMap((userId) => [1, 2].map(() => voteLabel(db, { labelId, userId, value: 1 }))));
    expect(await listLabels(db, address)).toMatchObject([{ upvotes: 5, downvotes: 0 }]);
  });

  test('a label that is unknown or hidden takes none', async () => {
    const labelId = await createLabel(db, { address: nextFeature(), text: 'rude', authorId: people[0]! });
    await hideLabel(db, labelId);
    expect(await voteLabel(db, { labelId, userId: people[1]!, value: 1 })).toBeNull();
    expect(await voteLabel(db, { labelId: 'lab_none', userId: people[1]!, value: 1 })).toBeNull();
  });
});

describe('labels', () => {
  test('many agreeing votes come before few, none before bad ones, older before newer', async () => {
    const address = nextFeature();
    const write = (text: string) => createLabel(db, { address, text, authorId: people[0]! });
    const [bad, unvoted, newer, one, four] = [
      await write('bad'),
      await write('unvoted'),
      await write('newer'),
      await write('one'),
      await write('four of five'),
    ];
    await voteLabel(db, { labelId: bad, userId: people[1]!, value: -1 });
    await voteLabel(db, { labelId: one, userId: people[1]!, value: 1 });
    for (const [i, userId] of people.entries()) await voteLabel(db, { labelId: four, userId, value: i === 0 ? -1 : 1 });
    expect((await listLabels(db, address)).map((label) => label.id)).toEqual([four, one, unvoted, newer, bad]);
  });

  test('the author is named, without an address', async () => {
    const address = nextFeature();
    await createLabel(db, { address, text: 'dogs', authorId: people[2]! });
    const [label] = await listLabels(db, address);
    expect(label).toMatchObject({ text: 'dogs', author: { id: people[2], name: 'Emmy' } });
    expect(label!.createdAt).toBeInstanceOf(Date);
    expect(JSON.stringify(label)).not.toContain('@');
  });

  test('the same text by the same person is the same label', async () => {
    const address = nextFeature();
    const label = { address, text: 'dogs', authorId: people[0]! };
    const ids = await Promise.all([createLabel(db, label), createLabel(db, label), createLabel(db, label)]);
    expect(new Set(ids).size).toBe(1);
    expect(await createLabel(db, { ...label, authorId: people[1]! })).not.toBe(ids[0]);
  });

  test('a hidden label is gone for readers until it is shown again', async () => {
    const address = nextFeature();
    const id = await createLabel(db, { address, text: 'rude', authorId: people[0]! });
    expect(await findLabel(db, id)).toEqual({ ...address, authorId: people[0] });
    expect(await hideLabel(db, id)).toBe(true);
    expect(await listLabels(db, address)).toEqual([]);
    expect(await findLabel(db, id)).toBeNull();
    await hideLabel(db, id, false);
    expect(await listLabels(db, address)).toHaveLength(1);
    expect(await hideLabel(db, 'lab_none')).toBe(false);
  });
});

test("Wilson's lower bound agrees with published values", () => {
  expect(wilsonLowerBound(0, 0)).toBe(0);
  // 8 of 10 at z = 1.96: 0.4902 to 0.9433.
  expect(wilsonLowerBound(8, 2)).toBeCloseTo(0.4902, 4);
  expect(wilsonLowerBound(1, 0)).toBeCloseTo(0.2065, 4);
  expect(wilsonLowerBound(100, 0)).toBeCloseTo(0.963, 3);
});
