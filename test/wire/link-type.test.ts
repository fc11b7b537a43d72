import { expect, test } from 'vitest';
import { LINK_ETHERNET, layerOfLinkType, linkTypeDescription, linkTypeName } from '../../src/wire/link-type.js';
import { LayerKind } from '../../src/wire/stack.js';

test.each([
  [0, LayerKind.Null, 'NULL', 'BSD loopback'],
  [1, LayerKind.Ethernet, 'EN10MB', 'Ethernet'],
  [12, LayerKind.RawIp, 'RAW', 'Raw IP'],
  [14, LayerKind.RawIp, 'RAW', 'Raw IP'],
  [101, LayerKind.RawIp, 'RAW', 'Raw IP'],
  [108, LayerKind.Null, 'LOOP', 'OpenBSD loopback'],
  [113, LayerKind.LinuxSll, 'LINUX_SLL', 'Linux cooked v1'],
  [228, LayerKind.Ipv4, 'IPV4', 'Raw IPv4'],
  [229, LayerKind.Ipv6, 'IPV6', 'Raw IPv6'],
  [276, LayerKind.LinuxSll2, 'LINUX_SLL2', 'Linux cooked v2'],
  // Known by name, not entered.
  [9, LayerKind.None, 'PPP', 'PPP'],
  [105, LayerKind.None, 'IEEE802_11', '802.11'],
  [127, LayerKind.None, 'IEEE802_11_RADIO', '802.11 plus radiotap header'],
  // Not known at all.
  [65_535, LayerKind.None, 'LINKTYPE_65535', 'LINKTYPE_65535'],
])('link type %i', (linkType, layer, name, description) => {
  expect(layerOfLinkType(linkType)).toBe(layer);
  expect(linkTypeName(linkType)).toBe(name);
  expect(linkTypeDescription(linkType)).toBe(description);
});

test('Ethernet is 1', () => {
  expect(LINK_ETHERNET).toBe(1);
});
