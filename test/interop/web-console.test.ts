import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NoVnc } from './harness/browser.js';
import { compare, untilSame } from './harness/compare.js';
import { ConsolePage } from './harness/console-page.js';
import { withoutTaskBar } from './harness/demo.js';
import { fromPng, type Picture } from './harness/picture.js';
import { endEverything } from './harness/processes.js';
import { requires } from './harness/requires.js';
import { ServiceUnderTest } from './harness/service.js';
import { pause, until } from './harness/wait.js';

const PASSWORD = 'test-pass-2718';
const HOSTILE = '<img src=x onerror="document.title=\'owned\'"><b>not bold</b>';
const LEAST_TARGET = 44;

describe('the web console', requires('chromium'), () => {
  let service: ServiceUnderTest;
  let admin: ConsolePage;

  beforeAll(async () => {
    service = await ServiceUnderTest.start();
    const { api } = service;
    await api.call('machine.create', { name: 'desk-1', config: { demo: true, description: HOSTILE } });
    await api.call('machine.clone', { machine: 'demo', name: 'desk-2', linked: true });
    await api.call('machine.start', { machine: 'desk-2' });
    for (const name of ['root.of-all', 'alice']) {
      await api.call('user.create', { name, password: PASSWORD, admin: name !== 'alice' });
    }
    await api.call('access.grant', { machine: 'desk-2', subject: 'alice', role: 'use' });
    admin = await ConsolePage.open(service.web);
  });
  afterAll(endEverything);

  const screen = async (machine: string): Promise<Picture> =>
    withoutTaskBar(fromPng(Buffer.from(await service.api.call('console.screenshot', { machine }))));
  const stateOf = async (machine: string) => (await service.api.call('machine.show', { machine })).state;
  /** Nothing moves by itself, not even the clock. */
  const calm = async (machine: string) => {
    await service.api.call('console.keys', { machine, keys: 'f10' });
    let before = await screen(machine);
    let still = 0;
    await until(`${machine} is still`, async () => {
      await pause(200);
      const now = await screen(machine);
      still = compare(now, before).count === 0 ? still + 1 : 0;
      before = now;
      return still >= 4;
    });
  };

  test('shows the machines to whoever logs in, with live pictures of those that run', async () => {
    const { page } = admin;
    await page.getByLabel('User').fill('root.of-all');
    await page.getByLabel('Password').fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByText('Wrong user name or password').waitFor();
    await admin.logIn('root.of-all', PASSWORD);
    await admin.tile('desk-1').getByText('Off').first().waitFor();
    expect(await page.locator('.tile').count()).toBe(3);

    await admin.press('Start desk-1');
    await admin.tile('desk-1').getByText('Running').waitFor();
    const first = await until('its picture is there', () => admin.shownThumbnail('desk-1'));
    await service.api.call('console.keys', { machine: 'desk-1', keys: 'f9' });
    await until('the picture follows', async () => {
      const now = await admin.shownThumbnail('desk-1');
      return now !== false && now !== first;
    });
    await service.api.call('console.keys', { machine: 'desk-1', keys: 'escape' });
  });

  test('a console opens in place and types', async () => {
    const { page } = admin;
    await calm('desk-1');
    await calm('desk-2');
    await admin
      .tile('desk-1')
      .getByRole('link', { name: /^Open the console of desk-1/ })
      .press('Enter');
    const client = NoVnc.at(page);
    await client.shown();
    await until('the screen is shown', async () => (await client.picture()).width === 1024);
    const text = 'Typed in the page: aZ9!@_~|';
    await client.type(text);
    await service.api.call('console.type', { machine: 'desk-2', text });
    // The other one was typed into by the service itself.
    await untilSame(
      'a machine typed into by the console',
      () => screen('desk-1'),
      () => screen('desk-2'),
    );
    await untilSame(
      'the console',
      async () => withoutTaskBar(await client.picture()),
      () => screen('desk-1'),
    );
    await page.keyboard.press('Control+Alt+Shift+KeyB');
    await admin.tile('desk-1').waitFor();
    await until('its session has ended', async () => (await service.api.call('session.list', {})).length === 0);
  });

  test('a snapshot is taken, and rolled back to; its name is text, whatever it says', async () => {
    const { page } = admin;
    await admin.go('machines', 'desk-1', 'snapshots');
    await admin.press('Take a snapshot', 'aside');
    await page.getByRole('dialog').getByLabel('Name').fill(HOSTILE.slice(0, 64));
    await admin.press('Take snapshot', 'dialog');
    await page.locator('.snapshot').getByText(HOSTILE.slice(0, 64)).waitFor();
    const before = await screen('desk-1');
    await service.api.call('console.type', { machine: 'desk-1', text: ' and lost' });
    await until('it is typed', async () => compare(await screen('desk-1'), before).count > 0);

    await admin.press('More for desk-1');
    await page.getByRole('menuitem', { name: 'Roll back' }).press('Enter');
    await admin.press('Roll back', 'dialog');
    await page.getByText('desk-1 is back at its last snapshot').waitFor();
    await untilSame(
      'desk-1 after rolling back',
      () => screen('desk-1'),
      async () => before,
    );
    await admin.go('machines', 'desk-1');
    await page.locator('aside dd').getByText(HOSTILE).waitFor();
    expect(await page.evaluate(() => document.title)).not.toContain('owned');
    expect(await page.locator('#app b', { hasText: /^not bold$/ }).count()).toBe(0);
  });

  test('somebody sees their own machines and no administration; an administrator ends their session', async () => {
    const alice = await (await ConsolePage.open(service.web)).logIn('alice', PASSWORD);
    await alice.tile('desk-2').waitFor();
    expect(await alice.page.locator('.tile').count()).toBe(1);
    expect(await alice.page.getByRole('navigation', { name: 'Pages' }).getByRole('link').allInnerTexts()).toEqual([
      'Machines',
      'Tickets',
    ]);
    expect(await alice.page.getByRole('button', { name: /New machine|Pause|Shut down/ }).count()).toBe(0);
    await alice.go('users');
    await alice.tile('desk-2').waitFor();

    await alice.go('machines', 'desk-2', 'console');
    await until('alice is there', async () =>
      (await service.api.call('session.list', {})).some(
        ({ user, machine }) => user === 'alice' && machine === 'desk-2',
      ),
    );
    await admin.tile('desk-2').getByText('alice').waitFor();
    await admin.go('machines', 'desk-2', 'sessions');
    await admin.press('Kick alice', 'aside');
    await admin.press('End the session', 'dialog');
    await until('alice has left', async () =>
      (await service.api.call('session.list', {})).every(({ machine }) => machine !== 'desk-2'),
    );
    await admin.page.getByText('Nobody is connected').waitFor();
    expect(await stateOf('desk-2')).toBe('running');
    expect(alice.complaints).toEqual([]);
    await alice.page.context().close();
  });

  test('whoever has a ticket is shown its machine, and nothing else of the service', async () => {
    const { browser } = await service.api.call('console.open', { machine: 'desk-2' });
    const visitor = await ConsolePage.open(browser!);
    await NoVnc.at(visitor.page).shown();
    await visitor.page.goto(service.web);
    await visitor.tile('desk-2').waitFor();
    expect(await visitor.page.locator('.tile').count()).toBe(1);
    expect(await visitor.page.getByRole('navigation', { name: 'Pages' }).getByRole('link').count()).toBe(1);
    await visitor.go('users');
    await visitor.tile('desk-2').waitFor();
    expect(visitor.complaints).toEqual([]);
    await visitor.page.context().close();
  });

  test('the keyboard goes everywhere: tiles, details, and back', async () => {
    const { page } = admin;
    const focused = () =>
      page.evaluate(() => document.activeElement?.closest<HTMLElement>('[data-machine]')?.dataset.machine);
    await admin.go('machines');
    await page.keyboard.press('/');
    await page.keyboard.type('desk-');
    await until('the others are hidden', async () => (await page.locator('.tile:visible').count()) === 2);
    await page.getByLabel('Search machines').fill('');
    await admin.tile('desk-1').locator('.screen').focus();
    await page.keyboard.press('ArrowRight');
    expect(await focused()).toBe('desk-2');
    await admin.tile('desk-2').getByRole('button', { name: 'More for desk-2' }).press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.getByRole('menu').count()).toBe(0);
    await admin.tile('desk-2').locator('.name').press('Enter');
    await page.locator('aside dd').first().waitFor();
    await page.locator('aside').getByRole('link', { name: 'Connect' }).press('Enter');
    await page.locator('aside code').first().waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Connect');
    await page.keyboard.press('Escape');
    await page.locator('aside').waitFor({ state: 'detached' });
    expect(await focused()).toBe('desk-2');
  });

  test('fits a phone: nothing scrolls sideways, and fingers find what there is to press', async () => {
    const storageState = await admin.page.context().storageState();
    const phone = await ConsolePage.open(service.web, {
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
      storageState,
    });
    const { page } = phone;
    await phone.tile('desk-2').waitFor();
    const places = {
      machines: '.tile .name',
      'machines/desk-2': 'aside dd',
      'machines/desk-2/snapshots': 'aside .empty',
      'machines/desk-2/connect': 'aside code',
      'machines/desk-2/console': '.console canvas',
      users: 'td',
      tickets: '.page .empty',
      audit: 'td',
    };
    for (const [place, sign] of Object.entries(places)) {
      await phone.go(place);
      await page.locator(sign).first().waitFor();
      const { overflow, small } = await page.evaluate((least) => {
        const wanted = 'button, input, select, nav a, .button, .tile a';
        const controls = Array.from(document.querySelectorAll<HTMLElement>(wanted));
        const shown = controls.filter((each) => each.checkVisibility({ visibilityProperty: true }));
        return {
          overflow: document.documentElement.scrollWidth - window.innerWidth,
          small: shown
            .map((each) => ({ box: each.getBoundingClientRect(), name: each.ariaLabel ?? each.textContent }))
            .filter(({ box }) => box.height < least)
            .map(({ name }) => name),
        };
      }, LEAST_TARGET);
      expect({ place, overflow, small }).toEqual({ place, overflow: 0, small: [] });
    }
    expect(phone.complaints).toEqual([]);
    await page.context().close();
  });

  test('whose login ends in a console can log in again, and is there again', async () => {
    const { page } = admin;
    await admin.go('machines', 'desk-1', 'console');
    await NoVnc.at(page).shown();
    await page.evaluate(() => fetch('api/v1/logout', { method: 'POST', headers: { 'x-vitrine': '1' } }));
    await page.getByText('Your login has ended').waitFor();
    await admin.logIn('root.of-all', PASSWORD);
    await NoVnc.at(page).shown();
  });

  test('comes back by itself when the service does, and so does an open console', async () => {
    const banner = admin.page.getByText('The service cannot be reached');
    await admin.go('machines', 'desk-1', 'console');
    const client = NoVnc.at(admin.page);
    await client.shown();
    expect(await banner.isVisible()).toBe(false);
    admin.isServiceAway = true;
    process.kill(service.pid, 'SIGKILL');
    await banner.waitFor();
    await admin.page.getByText('The connection was lost').waitFor();
    await until('the service has ended', () => service.program.exit);
    await service.startAgain();
    await banner.waitFor({ state: 'hidden' });
    await client.shown();
    await admin.page.getByText('The connection was lost').waitFor({ state: 'hidden' });
    await admin.go('machines');
    const first = await until('pictures are back', () => admin.shownThumbnail('desk-2'));
    await service.api.call('console.keys', { machine: 'desk-2', keys: 'escape f9' });
    await until('pictures are live again', async () => (await admin.shownThumbnail('desk-2')) !== first);
    admin.isServiceAway = false;
    expect(admin.complaints).toEqual([]);
  });
});
