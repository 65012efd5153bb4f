// One random block; a message is a part of it that begins elsewhere each time. So a byte that is
// lost, doubled or mixed up with another connection's does not match.
#include "load.h"

#include <stdlib.h>

#define OFFSETS 8192

static uint8_t *block;

void payload_init(size_t size) {
  block = malloc(size + OFFSETS);
  if (block == NULL) fail("no memory");
  uint32_t state = 2463534242u;
  for (size_t i = 0; i < size + OFFSETS; i++) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    block[i] = (uint8_t)(state >> 11);
  }
}

const uint8_t *payload(uint32_t client, uint64_t sequence) {
  return block + (client * 2654435761u + sequence * 4099u) % OFFSETS;
}
