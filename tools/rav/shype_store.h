/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Labels of resources (docs/SHYPE.md, "Resources"): which bridge, image or disk has which sHype label; how a resource is known again; and whether a domain
 * may have it. For the verbs of `rav shype`, and for whoever maps older tools to the same. Nothing here prints but progress.
 * Locking: a change is made under store_lock(); who reads needs no lock, as a file is replaced whole.
 * Trust: the store is root's, and still read strictly: what is not exactly of its form is refused whole. What is on a disk is its guest's choice, and says
 * nothing about whose it is.
 */
#ifndef RAV_SHYPE_STORE_H
#define RAV_SHYPE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <abi/shype.h>

#define STORE_DEFAULT	"/var/lib/ravelin/shype-labels"
#define STORE_BYTES_MAX	(1u << 20)
#define STORE_MOST	4096u
#define RESOURCE_ID	192u		/* with its end */
#define RESOURCE_SEEN	512u
#define RESOURCE_TEXT	(RESOURCE_ID + 8)
#define WHY		512u

enum resource_kind {
	RESOURCE_BRIDGE,	/* by its name */
	RESOURCE_DISK,		/* written to: by an identifier that stays */
	RESOURCE_IMAGE,		/* only read: by what is in it */
	RESOURCE_KINDS,
};

struct resource {
	enum resource_kind kind;
	char id[RESOURCE_ID];		/* letters, digits and ._:-+%; no blank */
	char policy[SHYPE_NAME];	/* the policy that the label is one of */
	char label[SHYPE_NAME];
	char seen[RESOURCE_SEEN];	/* where it was when it was labelled: for people; "-": not said */
};

/* In order of kind and identifier, none twice. */
struct store {
	struct resource *list;
	size_t nr;
};

/* --- shype_store.c: memory ------------------------------------------------------------------------------------------------- */
extern const char *const resource_kinds[RESOURCE_KINDS];
/* "bridge xenbr0" */
void resource_text(const struct resource *r, char text[RESOURCE_TEXT]);
/* The same back; false: it is not of that form. */
bool resource_parse(const char *text, struct resource *r);
/* Any text with what has no place in the file as %XX; false: too long for `size`. */
bool resource_escape(const char *text, char *out, size_t size);
bool resource_name_valid(const char *name);	/* of a label or a policy */
/* 0, or -EINVAL and why, with the line. */
int store_parse(const char *text, size_t len, struct store *s, char why[WHY]);
/* What store_parse() takes, for the caller to free. */
char *store_print(const struct store *s, size_t *len);
void store_free(struct store *s);
const struct resource *store_find(const struct store *s, enum resource_kind kind, const char *id);
int store_put(struct store *s, const struct resource *r);	/* in place of what it had; -ENOSPC */
bool store_remove(struct store *s, enum resource_kind kind, const char *id);

/* --- shype_store_file.c: the disk. 0, or -errno and why ------------------------------------------------------------------------ */
int store_load(const char *path, struct store *s, char why[WHY]);	/* -ENOENT: there is none */
int store_save(const char *path, const struct store *s, char why[WHY]);
/* A descriptor to close, which is the lock. */
int store_lock(const char *path, char why[WHY]);

/* --- shype_identity.c: how a resource is known again. 0, or -errno and why ----------------------------------------------------- */
int identity_of_bridge(const char *name, struct resource *r, char why[WHY]);
/* A plain file has an identifier of its own only once it has been given one: `give`. -ENODATA: it has none. */
int identity_of_disk(int fd, bool give, struct resource *r, char why[WHY]);
int identity_of_image(int fd, const char *path, struct resource *r, char why[WHY]);
/* What a block device is, from these directories (in place of /sys, /dev/disk/by-partuuid). */
int identity_of_device(const char *sys, const char *partitions, unsigned int major, unsigned int minor, struct resource *r, char why[WHY]);

/* --- shype_attach.c: the question of a hotplug script ----------------------------------------------------------------------------- */
struct attach {
	const char *store;
	uint16_t domain;
	const char *bridge, *disk;	/* one of them */
	bool read_only;
	const char *claim;		/* the backend's directory in the xenstore, where it is written down what it has; or NULL */
	/* the answer */
	bool constrained;		/* there is a policy in force */
	struct resource resource;
	char own[SHYPE_NAME];		/* the domain's label, "" for none */
	char name[256];			/* of the disk, as far as there is room: for people */
	char why[WHY];			/* in one line */
};
/* RAV_OK: it may. RAV_NO: it may not. RAV_FAILED: that could not be found out. */
int attach_ask(struct attach *a);
/* The same for each device that is attached: its backend's directory, what attach_ask() would answer. RAV_OK, or RAV_FAILED and why. */
typedef void attached_tell(void *arg, const char *device, const struct attach *a, int answer);
int attached_ask(const char *store, attached_tell *tell, void *arg, char why[WHY]);
/* The resource that a bridge's name or a disk's path stands for now, its label if it has one. 0, -ENOENT: no label; else -errno and why. */
int resource_find(const struct store *s, const char *bridge, int fd, const char *disk, bool read_only, struct resource *r, char why[WHY]);

#endif
