// SPDX-License-Identifier: Apache-2.0
// `cowalk zoneinfo`: the watermarks and reserves that Linux gives a machine, as /proc/zoneinfo.
// Follows Linux 6.1 mm/page_alloc.c through os/zone.h; docs/zones.md.
// Promises: what was not given and how it was found instead is said on stderr and in the JSON.
#include <cjson/cJSON.h>
#include <errno.h>
#include <inttypes.h>
#include <popt.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/cli.h"
#include "os/proc_zoneinfo.h"
#include "scenario/scenario.h"

struct options {
  char *managed, *ram, *arch, *reserved, *ratio, *min;
  int scale, nodes, cpus, thp, json;
  uint64_t min_free;
  uint32_t ratios[OS_ZONES];
  char managed_from[160], min_from[160];
};

static const char prefix[] = "cowalk zoneinfo";

/* A whole number at *text, which moves behind it. */
static bool number(const char **text, uint64_t most, uint64_t *out) {
  char *end;
  errno = 0;
  if (**text < '0' || **text > '9') return false;
  *out = strtoull(*text, &end, 10);
  *text = end;
  return errno == 0 && *out <= most;
}

/* ---- zones from the arguments ---- */

static bool take_zone(const char *item, struct os_zones *z) {
  const char *at = item;
  const char *equals = strchr(item, '=');
  uint64_t node = 0;
  uint64_t pages;
  if (strchr(item, ':') != NULL && (!number(&at, OS_NODES - 1, &node) || *at++ != ':')) {
    fprintf(stderr, "%s: --managed %s: the node before : must be 0 to %d\n", prefix, item,
            OS_NODES - 1);
    return false;
  }
  unsigned i = equals != NULL ? 0 : OS_ZONES;
  size_t length = equals != NULL ? (size_t)(equals - at) : 0;
  while (i < OS_ZONES &&
         (strlen(os_zone_name(i)) != length || strncasecmp(os_zone_name(i), at, length) != 0))
    i++;
  if (i == OS_ZONES) {
    fprintf(stderr, "%s: --managed %s: write NODE:ZONE=PAGES; zones: DMA DMA32 Normal Movable\n",
            prefix, item);
    return false;
  }
  at = equals + 1;
  if (!number(&at, UINT32_MAX, &pages) || *at != '\0') {
    fprintf(stderr, "%s: --managed %s: give pages of 4 KiB after the =, up to 2^32 - 1\n", prefix,
            item);
    return false;
  }
  struct os_zone *o = &z->zone[node][i];
  if (o->managed != 0) {
    fprintf(stderr, "%s: --managed %s: this zone is there twice; give it once\n", prefix, item);
    return false;
  }
  o->managed = o->present = o->spanned = o->free = pages;
  return true;
}

static bool zones_given(struct options *o, struct os_zones *z) {
  os_zones_init(z, OS_NODES);
  char *save = NULL;
  char *list = strdup(o->managed);
  bool ok = list != NULL;
  for (char *item = ok ? strtok_r(list, ",", &save) : NULL; ok && item != NULL;
       item = strtok_r(NULL, ",", &save))
    ok = take_zone(item, z);
  free(list);
  if (ok && os_zones_managed(z) == 0) {
    fprintf(stderr, "%s: --managed %s: no pages in any zone; write 0:DMA32=245316\n", prefix,
            o->managed);
    ok = false;
  }
  snprintf(o->managed_from, sizeof o->managed_from, "given");
  return ok;
}

static bool size(const char *option, const char *text, uint64_t *bytes) {
  static const char units[] = "KMGT";
  const char *at = text;
  if (number(&at, UINT64_MAX, bytes)) {
    const char *unit = *at != '\0' ? strchr(units, *at) : NULL;
    unsigned shift = unit != NULL ? 10 * (unsigned)(unit - units + 1) : 0;
    at += unit != NULL;
    if (*at == '\0' && *bytes <= UINT64_C(1) << 43 >> shift) {
      *bytes <<= shift;
      return (*bytes & 0xfff) == 0
                 ? true
                 : (fprintf(stderr, "%s: %s %s: must be a multiple of 4K\n", prefix, option, text),
                    false);
    }
  }
  fprintf(stderr, "%s: %s %s: give bytes, with K, M, G or T, up to 8T\n", prefix, option, text);
  return false;
}

static bool zones_of_ram(struct options *o, struct os_zones *z) {
  uint64_t bytes;
  uint64_t reserved = 1 << 20;
  bool arch[MMU_ARCH_COUNT] = {true};
  if (!size("--ram", o->ram, &bytes)) return false;
  if (o->reserved != NULL && !size("--reserved", o->reserved, &reserved)) return false;
  if (o->arch != NULL &&
      (!scenario_parse_archs(o->arch, arch) || arch[0] + arch[1] + arch[2] != 1)) {
    fprintf(stderr, "%s: --arch %s: give one of x86, arm, riscv\n", prefix, o->arch);
    return false;
  }
  unsigned a = arch[0] ? 0 : arch[1] ? 1 : 2;
  if (bytes == 0 || reserved >= bytes) {
    fprintf(stderr, "%s: --ram %s: nothing is left beside %" PRIu64 " reserved bytes; give more\n",
            prefix, o->ram, reserved);
    return false;
  }
  if (os_zones_cut(z, (enum mmu_arch)a, (uint32_t)(bytes >> 12), (uint32_t)(reserved >> 12),
                   (unsigned)o->nodes) != 0) {
    fprintf(stderr, "%s: --nodes %d: a node would have no memory; give fewer nodes or more --ram\n",
            prefix, o->nodes);
    return false;
  }
  snprintf(o->managed_from, sizeof o->managed_from,
           "all of --ram from address 0, less %" PRIu64
           " KiB reserved at its start, cut as the OS model does for %s",
           reserved >> 10, scenario_arch_name((enum mmu_arch)a));
  return true;
}

static bool take_ratios(struct options *o) {
  memcpy(o->ratios, os_lowmem_reserve_ratio, sizeof o->ratios);
  const char *at = o->ratio;
  for (unsigned i = 0; at != NULL; i++) {
    uint64_t n = 0;
    if (i == OS_ZONES || !number(&at, UINT32_MAX, &n) || (*at != ',' && *at != '\0')) {
      fprintf(stderr,
              "%s: --lowmem-reserve-ratio %s: give up to %d whole numbers with commas between, as "
              "256,256,32,0,0\n",
              prefix, o->ratio, OS_ZONES);
      return false;
    }
    o->ratios[i] = (uint32_t)n;
    at = *at == ',' ? at + 1 : NULL;
  }
  return true;
}

static bool take_min(struct options *o, struct os_zones *z) {
  if (o->min != NULL) {
    const char *at = o->min;
    if (!number(&at, INT32_MAX, &o->min_free) || *at != '\0') {
      fprintf(stderr, "%s: --min-free-kbytes %s: give a whole number of KiB, up to 2^31 - 1\n",
              prefix, o->min);
      return false;
    }
    snprintf(o->min_from, sizeof o->min_from, "given");
    os_zones_set_marks(z, o->min_free, (uint64_t)o->scale);
    return true;
  }
  bool thp = o->thp && os_zones_thp_boots(z);
  o->min_free = os_zones_boot(z, (uint64_t)o->scale, o->thp != 0);
  snprintf(o->min_from, sizeof o->min_from, "by formula: isqrt(16 * lowmem in KiB)%s%s",
           thp ? ", raised by khugepaged" : "",
           o->thp && !thp ? "; THP is off on machines below 512 MiB" : "");
  return true;
}

/* ---- output ---- */

static cJSON *zone_json(const struct os_zone *z) {
  cJSON *o = cJSON_CreateObject();
  const struct {
    const char *name;
    uint64_t value;
  } n[] = {{"free", z->free},
           {"boost", z->boost},
           {"min", os_zone_mark(z, OS_MARK_MIN)},
           {"low", os_zone_mark(z, OS_MARK_LOW)},
           {"high", os_zone_mark(z, OS_MARK_HIGH)},
           {"promo", os_zone_mark(z, OS_MARK_PROMO)},
           {"spanned", z->spanned},
           {"present", z->present},
           {"managed", z->managed}};
  cJSON_AddNumberToObject(o, "node", z->node);
  cJSON_AddStringToObject(o, "name", z->name);
  for (size_t i = 0; i < sizeof n / sizeof n[0]; i++)
    cJSON_AddNumberToObject(o, n[i].name, (double)n[i].value);
  cJSON *p = cJSON_AddArrayToObject(o, "protection");
  for (unsigned j = 0; j < OS_ZONES; j++)
    cJSON_AddItemToArray(p, cJSON_CreateNumber((double)z->reserve[j]));
  return o;
}

static void print_json(const struct options *o, const struct os_zones *z) {
  cJSON *top = cJSON_CreateObject();
  cJSON_AddStringToObject(top, "managed_from", o->managed_from);
  cJSON_AddNumberToObject(top, "min_free_kbytes", (double)o->min_free);
  cJSON_AddStringToObject(top, "min_free_kbytes_from", o->min_from);
  cJSON_AddNumberToObject(top, "watermark_scale_factor", o->scale);
  cJSON *ratio = cJSON_AddArrayToObject(top, "lowmem_reserve_ratio");
  for (unsigned i = 0; i < OS_ZONES; i++)
    cJSON_AddItemToArray(ratio, cJSON_CreateNumber(o->ratios[i]));
  cJSON_AddNumberToObject(top, "totalreserve_pages", (double)os_zones_totalreserve(z));
  cJSON *zones = cJSON_AddArrayToObject(top, "zones");
  for (unsigned n = 0; n < z->nodes; n++)
    for (unsigned i = 0; i < OS_ZONES; i++)
      if (z->zone[n][i].managed != 0) cJSON_AddItemToArray(zones, zone_json(&z->zone[n][i]));
  char *text = cJSON_Print(top);
  if (text != NULL) puts(text);
  cJSON_free(text);
  cJSON_Delete(top);
}

static int show(struct options *o) {
  static struct os_zones z;
  const char *what = NULL;
  if ((o->managed == NULL) == (o->ram == NULL))
    what = "give either --managed NODE:ZONE=PAGES,... or --ram SIZE";
  else if (o->ram == NULL && (o->arch != NULL || o->reserved != NULL || o->nodes != 1))
    what = "--arch, --reserved and --nodes belong to --ram";
  else if (o->scale < 1 || o->scale > 3000)
    what = "--watermark-scale-factor must be 1 to 3000";
  else if (o->nodes < 1 || o->nodes > OS_NODES)
    what = "--nodes must be 1 to 8";
  else if (o->cpus < 1 || o->cpus > 4096)
    what = "--cpus must be 1 to 4096";
  if (what != NULL) {
    fprintf(stderr, "%s: %s\n", prefix, what);
    return CLI_USAGE;
  }
  bool ok = o->managed != NULL ? zones_given(o, &z) : zones_of_ram(o, &z);
  if (!ok || !take_ratios(o) || !take_min(o, &z)) return CLI_USAGE;
  os_zones_set_reserves(&z, o->ratios);
  if (o->json) {
    print_json(o, &z);
    return CLI_OK;
  }
  if (o->ram != NULL) fprintf(stderr, "managed pages: %s\n", o->managed_from);
  if (o->min == NULL)
    fprintf(stderr, "min_free_kbytes: %" PRIu64 ", %s\n", o->min_free, o->min_from);
  const struct os_zoneinfo more = {.cpus = (unsigned)o->cpus};
  os_zoneinfo_print(stdout, &z, &more);
  return CLI_OK;
}

static const char examples[] =
    "[OPTIONS]\n\n"
    "The watermarks and reserves of a machine by Linux 6.1's formulas, in the format of\n"
    "/proc/zoneinfo. All pages count as free.\n\n"
    "  cowalk zoneinfo --managed 0:DMA=3840,0:DMA32=245316 --min-free-kbytes 3961\n"
    "  cowalk zoneinfo --managed 0:DMA=3840,0:DMA32=250000,1:DMA32=255000 --thp\n"
    "  cowalk zoneinfo --ram 8G --arch arm --watermark-scale-factor 200 --json\n";

int cmd_zoneinfo(int argc, const char **argv) {
  struct options o = {.scale = 10, .nodes = 1, .cpus = 1};
  struct poptOption table[] = {
      {"managed", 'm', POPT_ARG_STRING, &o.managed, 0, "managed pages of each zone",
       "NODE:ZONE=PAGES,..."},
      {"ram", 0, POPT_ARG_STRING, &o.ram, 0, "or: memory, cut into zones as the OS model does",
       "SIZE"},
      {"arch", 'a', POPT_ARG_STRING, &o.arch, 0, "with --ram: x86 (default), arm or riscv", "NAME"},
      {"reserved", 0, POPT_ARG_STRING, &o.reserved, 0,
       "with --ram: what the kernel image takes (default: 1M)", "SIZE"},
      {"nodes", 0, POPT_ARG_INT, &o.nodes, 0, "with --ram: NUMA nodes of about the same size", "N"},
      {"min-free-kbytes", 0, POPT_ARG_STRING, &o.min, 0,
       "sysctl vm.min_free_kbytes (default: by formula)", "KIB"},
      {"thp", 0, POPT_ARG_NONE, &o.thp, 0,
       "with the formula: transparent huge pages are on, so khugepaged raises it", NULL},
      {"watermark-scale-factor", 0, POPT_ARG_INT, &o.scale, 0,
       "sysctl vm.watermark_scale_factor, per 10000 (default: 10)", "N"},
      {"lowmem-reserve-ratio", 0, POPT_ARG_STRING, &o.ratio, 0,
       "sysctl vm.lowmem_reserve_ratio (default: 256,256,32,0,0)", "N,..."},
      {"cpus", 0, POPT_ARG_INT, &o.cpus, 0, "CPUs of a node, for the page sets (default: 1)", "N"},
      {"json", 0, POPT_ARG_NONE, &o.json, 0, "JSON instead of /proc/zoneinfo's format", NULL},
      POPT_AUTOHELP POPT_TABLEEND};
  poptContext context = poptGetContext(prefix, argc, argv, table, 0);
  poptSetOtherOptionHelp(context, examples);
  int rc = poptGetNextOpt(context);
  int code = CLI_USAGE;
  if (rc < -1)
    fprintf(stderr, "%s: %s: %s; try --help\n", prefix, poptBadOption(context, 0),
            poptStrerror(rc));
  else if (poptPeekArg(context) != NULL)
    fprintf(stderr, "%s: unexpected \"%s\"; try --help\n", prefix, poptPeekArg(context));
  else
    code = show(&o);
  free(o.managed);
  free(o.ram);
  free(o.arch);
  free(o.reserved);
  free(o.ratio);
  free(o.min);
  poptFreeContext(context);
  return code;
}
