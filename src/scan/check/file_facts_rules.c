#include "scan/check/check_int.h"
#include "scan/check/file_facts_int.h"

static const struct str practice_references[] = {STR_INIT(CHECK_PRACTICES_URL),
                                                 STR_INIT(CHECK_CIS_URL)};
static const struct str mode_references[] = {
    STR_INIT(CHECK_CIS_URL), STR_INIT("https://man7.org/linux/man-pages/man7/inode.7.html")};
static const struct str secret_references[] = {
    STR_INIT("https://docs.docker.com/build/building/secrets/"),
    STR_INIT("https://kubernetes.io/docs/concepts/configuration/secret/")};
static const struct str layer_references[] = {
    STR_INIT("https://github.com/opencontainers/image-spec/blob/main/layer.md")};

static const struct control setuid_controls[] = {CHECK_CIS("4.8"), CHECK_DOCKLE("CIS-DI-0008")};
static const struct control secret_controls[] = {CHECK_CIS("4.10"), CHECK_DOCKLE("CIS-DI-0010"),
                                                 CHECK_MITRE("T1552")};
static const struct control package_controls[] = {CHECK_CIS("4.3"), CHECK_DOCKLE("CIS-DI-0003")};
static const struct control cache_controls[] = {CHECK_CIS("4.3"), CHECK_DOCKLE("DKL-DI-0004"),
                                                CHECK_DOCKLE("DKL-DI-0005"),
                                                CHECK_DOCKLE("DKL-LI-0003")};
static const struct control unneeded_controls[] = {CHECK_CIS("4.3"), CHECK_DOCKLE("DKL-LI-0003")};

const struct rule file_fact_rules[FILE_RULES] = {
    [FILE_RULE_ESCAPE] =
        {
            .id = STR_INIT("image-path-escape"),
            .title = STR_INIT("A layer names files outside the image"),
            .why = STR_INIT(
                "Builders write no path with \"..\" into a layer. One that has it was made to be "
                "unpacked by a program that does not look, onto files of the host."),
            .remedy =
                STR_INIT("Do not run this image. Find out who made the layer, and build it again."),
            .severity = SEVERITY_HIGH,
            CHECK_REFERENCES(layer_references),
        },
    [FILE_RULE_SETUID_WRITABLE] =
        {
            .id = STR_INIT("image-setuid-writable"),
            .title = STR_INIT("A setuid program can be changed by everybody"),
            .why = STR_INIT("Whoever may write to a program that runs with another user's rights "
                            "has those rights."),
            .remedy = STR_INIT("RUN chmod u-s,g-s,o-w FILE in the instruction that adds it."),
            .severity = SEVERITY_HIGH,
            CHECK_REFERENCES(mode_references),
            CHECK_CONTROLS(setuid_controls),
        },
    [FILE_RULE_SETUID] =
        {
            .id = STR_INIT("image-setuid"),
            .title = STR_INIT("A program runs with the rights of its owner or group"),
            .why = STR_INIT(
                "A fault in a setuid or setgid program gives every user of the container the "
                "rights "
                "of the file's owner, mostly root. This one is none of those that "
                "distributions ship."),
            .remedy =
                STR_INIT("Take the bit away (RUN chmod u-s,g-s FILE), or start containers with "
                         "allowPrivilegeEscalation: false, under which it does nothing."),
            .severity = SEVERITY_MEDIUM,
            CHECK_REFERENCES(mode_references),
            CHECK_CONTROLS(setuid_controls),
        },
    [FILE_RULE_SETUID_KNOWN] =
        {
            .id = STR_INIT("image-setuid-distribution"),
            .title = STR_INIT("Setuid programs of the distribution are there"),
            .why =
                STR_INIT("Programs such as su and mount run as root whoever starts them. A service "
                         "in a container needs none of them, and their faults become its own."),
            .remedy = STR_INIT(
                "RUN find / -xdev -perm /6000 -type f -exec chmod a-s {} + || true, or start "
                "containers with allowPrivilegeEscalation: false."),
            .severity = SEVERITY_LOW,
            CHECK_REFERENCES(mode_references),
            CHECK_CONTROLS(setuid_controls),
        },
    [FILE_RULE_CREDENTIAL] =
        {
            .id = STR_INIT("image-credential-file"),
            .title = STR_INIT("A file of credentials is in the image"),
            .why = STR_INIT("Everybody who can pull the image can read every file of every layer, "
                            "also one that a later layer deletes."),
            .remedy =
                STR_INIT("Replace the credentials, keep the file out of the build (.dockerignore, "
                         "RUN --mount=type=secret), and mount a Secret when the container runs."),
            .severity = SEVERITY_HIGH,
            CHECK_REFERENCES(secret_references),
            CHECK_CONTROLS(secret_controls),
        },
    [FILE_RULE_WRITABLE_FILE] =
        {
            .id = STR_INIT("image-world-writable-file"),
            .title = STR_INIT("A file can be changed by everybody"),
            .why =
                STR_INIT("Any process of the container, whatever user it runs as, can put its own "
                         "code or settings there for others to use."),
            .remedy = STR_INIT(
                "RUN chmod o-w FILE, or COPY --chmod with a mode that lets only its owner write."),
            .severity = SEVERITY_MEDIUM,
            CHECK_REFERENCES(mode_references),
        },
    [FILE_RULE_WRITABLE_DIRECTORY] =
        {
            .id = STR_INIT("image-world-writable-directory"),
            .title = STR_INIT("A directory can be changed by everybody"),
            .why =
                STR_INIT("Without the sticky bit, any user may delete and replace files of others "
                         "there, programs and settings among them."),
            .remedy = STR_INIT("RUN chmod o-w DIRECTORY, or chmod +t where everybody must write."),
            .severity = SEVERITY_MEDIUM,
            CHECK_REFERENCES(mode_references),
        },
    [FILE_RULE_DEVICE] =
        {
            .id = STR_INIT("image-device"),
            .title = STR_INIT("A device node is in the image"),
            .why = STR_INIT(
                "A device node reaches a device of the host if the container's device rules "
                "let it. "
                "Runtimes make the nodes that are needed; others are mistakes, or worse."),
            .remedy = STR_INIT(
                "Remove it from the layer; give devices to containers when they are started."),
            .severity = SEVERITY_MEDIUM,
            CHECK_REFERENCES(layer_references),
        },
    [FILE_RULE_REPOSITORY] =
        {
            .id = STR_INIT("image-repository"),
            .title = STR_INIT("A version control repository is in the image"),
            .why = STR_INIT(
                "It holds every version of every file, deleted secrets among them, and often "
                "the address and token of its server."),
            .remedy = STR_INIT(
                "Put .git into .dockerignore, or copy out of a build stage only what is run."),
            .severity = SEVERITY_MEDIUM,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(unneeded_controls),
        },
    [FILE_RULE_TOOL] =
        {
            .id = STR_INIT("image-tools"),
            .title = STR_INIT("Tools that help an intruder are in the image"),
            .why =
                STR_INIT("Compilers, debuggers, download and network tools, remote shells and sudo "
                         "are no part "
                         "of a running service, and the first that an intruder looks for."),
            .remedy = STR_INIT(
                "Build in one stage and copy the result into a small one that lacks them."),
            .severity = SEVERITY_LOW,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(package_controls),
        },
    [FILE_RULE_PACKAGE_MANAGER] =
        {
            .id = STR_INIT("image-package-manager"),
            .title = STR_INIT("A package manager is left in the image"),
            .why = STR_INIT(
                "Images are not updated in place, so only an intruder installs packages in a "
                "running container."),
            .remedy = STR_INIT(
                "Use a distroless base, or install into a root directory from a build stage."),
            .severity = SEVERITY_INFO,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(package_controls),
        },
    [FILE_RULE_SHELL] =
        {
            .id = STR_INIT("image-shell"),
            .title = STR_INIT("A shell is left in the image"),
            .why = STR_INIT(
                "Most attacks on a service in a container end in starting a shell; without "
                "one they "
                "have to bring their own."),
            .remedy = STR_INIT(
                "Use a distroless or scratch base where the service does not call a shell; "
                "kubectl debug brings one when it is needed."),
            .severity = SEVERITY_INFO,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(package_controls),
        },
    [FILE_RULE_CACHE] =
        {
            .id = STR_INIT("image-package-cache"),
            .title = STR_INIT("A cache of a package manager is left in the image"),
            .why = STR_INIT(
                "It makes the image larger and slower to pull, and old lists make later builds "
                "install old packages."),
            .remedy = STR_INIT(
                "Delete it in the RUN instruction that fills it, or keep it out of the layer with "
                "RUN --mount=type=cache."),
            .severity = SEVERITY_LOW,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(cache_controls),
        },
    [FILE_RULE_UNNEEDED] =
        {
            .id = STR_INIT("image-unneeded-file"),
            .title = STR_INIT("A file that no container needs is in the image"),
            .why =
                STR_INIT("Recipes, histories, dumps and leftovers of editors tell an intruder how "
                         "things were "
                         "made, and sometimes hold secrets."),
            .remedy = STR_INIT("Put it into .dockerignore, or copy only what is run."),
            .severity = SEVERITY_LOW,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(unneeded_controls),
        },
};

const size_t file_fact_rule_count = FILE_RULES;
