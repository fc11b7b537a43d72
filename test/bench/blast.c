/*
 * Sends VXLAN frames of 130 bytes at a steady rate, from one core: 64 of them in each call, which the kernel takes apart.
 *
 * usage: blast ADDRESS FRAMES_PER_SECOND SECONDS
 *
 * Sixteen VNIs in turn, and no two frames alike. Prints how many were sent, and how many a second that was.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { BURST = 64, VNIS = 16, VXLAN_LEN = 88, VXLAN_PORT = 4789, UDP_SEGMENT = 103 };

static unsigned char burst[BURST][VXLAN_LEN];

static void put16(unsigned char *at, unsigned value) {
  at[0] = value >> 8;
  at[1] = value;
}

/* VXLAN, Ethernet, IPv4, UDP. */
static void make(unsigned char *vxlan, unsigned vni) {
  static const unsigned char ethernet[] = {0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 1, 8, 0};
  static const unsigned char addresses[] = {192, 168, 0, 1, 192, 168, 0, 2};
  unsigned char *frame = vxlan + 8, *ip = frame + sizeof ethernet;
  vxlan[0] = 8;
  put16(vxlan + 5, vni);
  memcpy(frame, ethernet, sizeof ethernet);
  ip[0] = 0x45;
  put16(ip + 2, VXLAN_LEN - 8 - sizeof ethernet);
  ip[8] = 64;
  ip[9] = 17;
  memcpy(ip + 12, addresses, sizeof addresses);
  put16(ip + 20, 24001);
  put16(ip + 22, 24002);
  put16(ip + 24, VXLAN_LEN - 8 - sizeof ethernet - 20);
}

/* Inner IP identification, and the first four bytes that UDP carries. */
static void number(unsigned char *vxlan, unsigned long frame) {
  put16(vxlan + 8 + 14 + 4, frame);
  put16(vxlan + 8 + 14 + 20 + 8, frame >> 16);
  put16(vxlan + 8 + 14 + 20 + 10, frame);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

int main(int count, char **words) {
  if (count != 4) return fprintf(stderr, "usage: blast ADDRESS FRAMES_PER_SECOND SECONDS\n"), 2;
  double rate = atof(words[2]), seconds = atof(words[3]);
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(VXLAN_PORT)};
  if (inet_pton(AF_INET, words[1], &to.sin_addr) != 1) return fprintf(stderr, "no address: %s\n", words[1]), 2;
  int fd = socket(AF_INET, SOCK_DGRAM, 0), len = VXLAN_LEN;
  if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) < 0) return perror("connect"), 1;
  if (setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &len, sizeof len) < 0) return perror("UDP_SEGMENT"), 1;
  for (int i = 0; i < BURST; i++) make(burst[i], 5000 + i % VNIS);
  double begin = now(), time;
  long sent = 0;
  while ((time = now() - begin) < seconds) {
    if (sent > time * rate) continue;
    for (int i = 0; i < BURST; i++) number(burst[i], sent + i);
    if (send(fd, burst, sizeof burst, 0) < 0) return perror("send"), 1;
    sent += BURST;
  }
  printf("%ld %.0f\n", sent, sent / time);
  return 0;
}
