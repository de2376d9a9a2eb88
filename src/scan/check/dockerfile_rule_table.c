#include "scan/check/check_int.h"
#include "scan/check/dockerfile_int.h"

static const struct str practice_references[] = {STR_INIT(CHECK_PRACTICES_URL),
                                                 STR_INIT(CHECK_CIS_URL)};
static const struct str dockerfile_references[] = {STR_INIT(CHECK_DOCKERFILE_URL)};
static const struct str secret_references[] = {
    STR_INIT("https://docs.docker.com/build/building/secrets/"), STR_INIT(CHECK_CIS_URL)};
static const struct str user_references[] = {
    STR_INIT("https://kubernetes.io/docs/tasks/configure-pod-container/security-context/"),
    STR_INIT(CHECK_CIS_URL)};

static const struct control secret_controls[] = {CHECK_CIS("4.10"), CHECK_DOCKLE("CIS-DI-0010"),
                                                 CHECK_TRIVY("DS-0031"), CHECK_MITRE("T1552")};
static const struct control user_root_controls[] = {CHECK_CIS("4.1"), CHECK_DOCKLE("CIS-DI-0001"),
                                                    CHECK_TRIVY("DS-0002"),
                                                    CHECK_HADOLINT("DL3002")};
static const struct control pipe_to_shell_controls[] = {CHECK_CIS("4.11"),
                                                        CHECK_DOCKLE("CIS-DI-0011")};
static const struct control add_url_controls[] = {
    CHECK_CIS("4.9"), CHECK_CIS("4.11"), CHECK_DOCKLE("CIS-DI-0009"), CHECK_TRIVY("DS-0005")};
static const struct control add_controls[] = {CHECK_CIS("4.9"), CHECK_DOCKLE("CIS-DI-0009"),
                                              CHECK_TRIVY("DS-0005"), CHECK_HADOLINT("DL3020")};
static const struct control sudo_controls[] = {CHECK_DOCKLE("DKL-DI-0001"), CHECK_TRIVY("DS-0010"),
                                               CHECK_HADOLINT("DL3004")};
static const struct control setuid_controls[] = {CHECK_CIS("4.8"), CHECK_DOCKLE("CIS-DI-0008")};
static const struct control ssh_server_controls[] = {CHECK_CIS("4.3"), CHECK_DOCKLE("CIS-DI-0003")};
static const struct control latest_controls[] = {
    CHECK_CIS("4.2"),       CHECK_DOCKLE("CIS-DI-0002"), CHECK_DOCKLE("DKL-DI-0006"),
    CHECK_TRIVY("DS-0001"), CHECK_HADOLINT("DL3006"),    CHECK_HADOLINT("DL3007")};
static const struct control digest_controls[] = {CHECK_CIS("4.2"), CHECK_DOCKLE("CIS-DI-0002")};
static const struct control end_of_life_controls[] = {CHECK_CIS("4.2"), CHECK_CIS("4.4"),
                                                      CHECK_DOCKLE("CIS-DI-0004")};
static const struct control platform_controls[] = {CHECK_HADOLINT("DL3029")};
static const struct control port_remote_controls[] = {CHECK_TRIVY("DS-0004")};
static const struct control port_range_controls[] = {CHECK_TRIVY("DS-0008"),
                                                     CHECK_HADOLINT("DL3011")};
static const struct control volume_controls[] = {CHECK_DOCKLE("DKL-DI-0002")};
static const struct control workdir_relative_controls[] = {CHECK_TRIVY("DS-0009"),
                                                           CHECK_HADOLINT("DL3000")};
static const struct control workdir_system_controls[] = {CHECK_TRIVY("DS-0030")};
static const struct control update_alone_controls[] = {
    CHECK_CIS("4.7"), CHECK_DOCKLE("CIS-DI-0007"), CHECK_TRIVY("DS-0017")};
static const struct control upgrade_controls[] = {CHECK_DOCKLE("DKL-DI-0003")};
static const struct control dist_upgrade_controls[] = {
    CHECK_DOCKLE("DKL-DI-0003"), CHECK_TRIVY("DS-0024"), CHECK_HADOLINT("DL3005")};
static const struct control no_yes_controls[] = {CHECK_TRIVY("DS-0021"), CHECK_HADOLINT("DL3014"),
                                                 CHECK_HADOLINT("DL3030"), CHECK_HADOLINT("DL3034"),
                                                 CHECK_HADOLINT("DL3038")};
static const struct control recommends_controls[] = {CHECK_CIS("4.3"), CHECK_DOCKLE("CIS-DI-0003"),
                                                     CHECK_TRIVY("DS-0029"),
                                                     CHECK_HADOLINT("DL3015")};
static const struct control cache_left_controls[] = {
    CHECK_DOCKLE("DKL-DI-0004"), CHECK_DOCKLE("DKL-DI-0005"), CHECK_TRIVY("DS-0015"),
    CHECK_TRIVY("DS-0019"),      CHECK_TRIVY("DS-0020"),      CHECK_TRIVY("DS-0025"),
    CHECK_TRIVY("DS-0027"),      CHECK_HADOLINT("DL3009"),    CHECK_HADOLINT("DL3019"),
    CHECK_HADOLINT("DL3032"),    CHECK_HADOLINT("DL3036"),    CHECK_HADOLINT("DL3040"),
    CHECK_HADOLINT("DL3042")};
static const struct control cd_controls[] = {CHECK_TRIVY("DS-0013"), CHECK_HADOLINT("DL3003")};
static const struct control two_downloaders_controls[] = {CHECK_TRIVY("DS-0014"),
                                                          CHECK_HADOLINT("DL4001")};
static const struct control apt_controls[] = {CHECK_HADOLINT("DL3027")};
static const struct control copy_from_self_controls[] = {CHECK_TRIVY("DS-0006"),
                                                         CHECK_HADOLINT("DL3023")};
static const struct control copy_many_controls[] = {CHECK_TRIVY("DS-0011"),
                                                    CHECK_HADOLINT("DL3021")};
static const struct control same_stage_controls[] = {CHECK_TRIVY("DS-0012"),
                                                     CHECK_HADOLINT("DL3024")};
static const struct control many_cmd_controls[] = {CHECK_TRIVY("DS-0016"),
                                                   CHECK_HADOLINT("DL4003")};
static const struct control many_entrypoint_controls[] = {CHECK_TRIVY("DS-0007"),
                                                          CHECK_HADOLINT("DL4004")};
static const struct control many_healthcheck_controls[] = {CHECK_TRIVY("DS-0023"),
                                                           CHECK_HADOLINT("DL3012")};
static const struct control healthcheck_controls[] = {CHECK_CIS("4.6"), CHECK_DOCKLE("CIS-DI-0006"),
                                                      CHECK_TRIVY("DS-0026")};
static const struct control shell_form_controls[] = {CHECK_HADOLINT("DL3025")};
static const struct control maintainer_controls[] = {CHECK_TRIVY("DS-0022"),
                                                     CHECK_HADOLINT("DL4000")};
static const struct control registry_controls[] = {CHECK_CIS("4.2"), CHECK_DOCKLE("CIS-DI-0002"),
                                                   CHECK_HADOLINT("DL3026")};

const struct rule dockerfile_rules[DOCKER_RULES] = {
    [DOCKER_RULE_SECRET] =
        {
            .id = STR_INIT("dockerfile-secret"),
            .title = STR_INIT("A variable of the build holds a secret, by its name"),
            .why =
                STR_INIT("Variables of ENV are part of the image, build arguments of its history: "
                         "everybody who can pull the image can read them."),
            .remedy = STR_INIT(
                "Hand the secret over with RUN --mount=type=secret, and set it from a Secret "
                "when the container starts."),
            .severity = SEVERITY_HIGH,
            CHECK_REFERENCES(secret_references),
            CHECK_CONTROLS(secret_controls),
        },
    [DOCKER_RULE_SECRET_COMMAND] =
        {
            .id = STR_INIT("dockerfile-secret-command"),
            .title = STR_INIT("A command has a secret in it"),
            .why = STR_INIT("The history of the image keeps the command as it is written here."),
            .remedy =
                STR_INIT("Replace the secret, and let the command read it from a file that RUN "
                         "--mount=type=secret gives it."),
            .severity = SEVERITY_HIGH,
            CHECK_REFERENCES(secret_references),
            CHECK_CONTROLS(secret_controls),
        },
    [DOCKER_RULE_SECRET_FILE] =
        {
            .id = STR_INIT("dockerfile-secret-file"),
            .title = STR_INIT("A file of credentials is copied into the image"),
            .why = STR_INIT(
                "Everybody who can pull the image can read it, also if a later instruction "
                "deletes it."),
            .remedy = STR_INIT(
                "Leave it out (.dockerignore), and mount it: RUN --mount=type=secret for the "
                "build, a Secret for the container."),
            .severity = SEVERITY_HIGH,
            CHECK_REFERENCES(secret_references),
            CHECK_CONTROLS(secret_controls),
        },
    [DOCKER_RULE_USER_ROOT] =
        {
            .id = STR_INIT("dockerfile-user-root"),
            .title = STR_INIT("Containers of the image start as root"),
            .why =
                STR_INIT("Root in a container is root of its files, has capabilities that others "
                         "lack, and is root of the host if it gets out."),
            .remedy = STR_INIT("End the Dockerfile with USER and a number: USER 10001."),
            .severity = SEVERITY_HIGH,
            CHECK_REFERENCES(user_references),
            CHECK_CONTROLS(user_root_controls),
        },
    [DOCKER_RULE_USER_NAME] =
        {
            .id = STR_INIT("dockerfile-user-name"),
            .title = STR_INIT("The image's user is a name"),
            .why =
                STR_INIT("With runAsNonRoot the kubelet refuses to start an image whose user is a "
                         "name, because it cannot tell that it is not root."),
            .remedy = STR_INIT("Write the number of the user: USER 10001."),
            .severity = SEVERITY_LOW,
            CHECK_REFERENCES(user_references),
        },
    [DOCKER_RULE_PIPE_TO_SHELL] =
        {
            .id = STR_INIT("dockerfile-pipe-to-shell"),
            .title = STR_INIT("The build runs a script as it comes from the network"),
            .why =
                STR_INIT("Nobody has seen what is run, and the next build may run something else."),
            .remedy =
                STR_INIT("Download a version that is named, compare its checksum, then run it."),
            .severity = SEVERITY_MEDIUM,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(pipe_to_shell_controls),
        },
    [DOCKER_RULE_UNVERIFIED] =
        {
            .id = STR_INIT("dockerfile-unverified"),
            .title = STR_INIT("The build takes packages or files without checking them"),
            .why = STR_INIT(
                "Without signature or certificate, whoever stands between the build and the "
                "server chooses what is in the image."),
            .remedy =
                STR_INIT("Install the key or certificate that is missing, and drop the option."),
            .severity = SEVERITY_MEDIUM,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(pipe_to_shell_controls),
        },
    [DOCKER_RULE_PLAIN_HTTP] =
        {
            .id = STR_INIT("dockerfile-plain-http"),
            .title = STR_INIT("The build downloads without encryption"),
            .why = STR_INIT("What comes over plain HTTP can be changed on its way."),
            .remedy = STR_INIT("Use https, and compare a checksum."),
            .severity = SEVERITY_LOW,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(pipe_to_shell_controls),
        },
    [DOCKER_RULE_ADD_URL] =
        {
            .id = STR_INIT("dockerfile-add-url"),
            .title = STR_INIT("ADD takes a file from a URL without a checksum"),
            .why = STR_INIT(
                "Whatever the server gives is taken, and may be another file in the next build."),
            .remedy = STR_INIT("ADD --checksum=sha256:... URL, or download and compare in RUN."),
            .severity = SEVERITY_MEDIUM,
            CHECK_REFERENCES(dockerfile_references),
            CHECK_CONTROLS(add_url_controls),
        },
    [DOCKER_RULE_ADD] =
        {
            .id = STR_INIT("dockerfile-add"),
            .title = STR_INIT("ADD is used where COPY does"),
            .why =
                STR_INIT("ADD unpacks archives and fetches URLs, which is seldom what is meant and "
                         "never seen at a glance."),
            .remedy = STR_INIT("Use COPY, unless an archive is to be unpacked."),
            .severity = SEVERITY_LOW,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(add_controls),
        },
    [DOCKER_RULE_SUDO] =
        {
            .id = STR_INIT("dockerfile-sudo"),
            .title = STR_INIT("The build uses sudo"),
            .why = STR_INIT(
                "sudo is in the image then, and lets a user of the container become root."),
            .remedy = STR_INIT("Do what needs root before USER, and leave sudo out of the image."),
            .severity = SEVERITY_MEDIUM,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(sudo_controls),
        },
    [DOCKER_RULE_CHMOD] =
        {
            .id = STR_INIT("dockerfile-chmod-open"),
            .title = STR_INIT("Everybody may write"),
            .why = STR_INIT("Any process of the container can change what others run or read."),
            .remedy = STR_INIT(
                "Give files to the user that needs them (COPY --chown, chown), with mode 755 "
                "or 644."),
            .severity = SEVERITY_LOW,
            CHECK_REFERENCES(practice_references),
        },
    [DOCKER_RULE_SETUID] =
        {
            .id = STR_INIT("dockerfile-setuid"),
            .title = STR_INIT("A program is made setuid"),
            .why = STR_INIT("A fault in it gives every user of the container the rights of the "
                            "file's owner, mostly root."),
            .remedy =
                STR_INIT("Leave the bit away, and give the process that needs a right that right "
                         "(a capability in the pod's securityContext)."),
            .severity = SEVERITY_MEDIUM,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(setuid_controls),
        },
    [DOCKER_RULE_SSH_SERVER] =
        {
            .id = STR_INIT("dockerfile-ssh-server"),
            .title = STR_INIT("An SSH server is installed"),
            .why =
                STR_INIT("It is one more service to patch, with keys of its own; kubectl exec does "
                         "its work."),
            .remedy = STR_INIT("Leave it out."),
            .severity = SEVERITY_MEDIUM,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(ssh_server_controls),
        },
    [DOCKER_RULE_RUN_INSECURE] =
        {
            .id = STR_INIT("dockerfile-run-insecure"),
            .title = STR_INIT("A step of the build leaves its sandbox"),
            .why = STR_INIT(
                "What it runs can reach the machine that builds, and what is in its network."),
            .remedy = STR_INIT("Drop --security=insecure and --network=host."),
            .severity = SEVERITY_MEDIUM,
            CHECK_REFERENCES(dockerfile_references),
        },
    [DOCKER_RULE_LATEST] =
        {
            .id = STR_INIT("dockerfile-latest"),
            .title = STR_INIT("A base image is named without a version"),
            .why = STR_INIT(
                "The tag latest moves: the next build may have another base, and nobody can "
                "go back."),
            .remedy = STR_INIT("Name a version, better a digest as well (NAME:1.2@sha256:...)."),
            .severity = SEVERITY_MEDIUM,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(latest_controls),
        },
    [DOCKER_RULE_DIGEST] =
        {
            .id = STR_INIT("dockerfile-digest"),
            .title = STR_INIT("A base image is not named by its digest"),
            .why = STR_INIT(
                "A tag can be moved to another image by whoever may write to the registry."),
            .remedy = STR_INIT(
                "Write the digest behind the tag (NAME:1.2@sha256:...), and let a bot renew it."),
            .severity = SEVERITY_INFO,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(digest_controls),
        },
    [DOCKER_RULE_REGISTRY] =
        {
            .id = STR_INIT("dockerfile-registry"),
            .title = STR_INIT("A base comes from a registry that is not allowed"),
            .why = STR_INIT("Whoever made the base has made most of the image."),
            .remedy =
                STR_INIT("Use a base from one of the registries that allowedRegistries of the "
                         "configuration names, or add this one there."),
            .severity = SEVERITY_MEDIUM,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(registry_controls),
        },
    [DOCKER_RULE_END_OF_LIFE] =
        {
            .id = STR_INIT("dockerfile-end-of-life"),
            .title = STR_INIT("The base gets no fixes any more"),
            .why = STR_INIT(
                "Vulnerabilities that are found from now on stay in every image built on it."),
            .remedy = STR_INIT("Build on a release that is supported."),
            .severity = SEVERITY_HIGH,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(end_of_life_controls),
        },
    [DOCKER_RULE_PLATFORM] =
        {
            .id = STR_INIT("dockerfile-platform"),
            .title = STR_INIT("FROM fixes the platform"),
            .why = STR_INIT("The image is then built for that platform, whatever is asked for."),
            .remedy = STR_INIT(
                "Leave --platform to the build, or use $BUILDPLATFORM or $TARGETPLATFORM."),
            .severity = SEVERITY_INFO,
            CHECK_REFERENCES(dockerfile_references),
            CHECK_CONTROLS(platform_controls),
        },
    [DOCKER_RULE_PORT_REMOTE] =
        {
            .id = STR_INIT("dockerfile-port-remote"),
            .title = STR_INIT("A port for remote access is exposed"),
            .why = STR_INIT(
                "A container with a remote shell has keys or passwords of its own to lose; "
                "kubectl exec needs none."),
            .remedy = STR_INIT("Remove the service and its EXPOSE."),
            .severity = SEVERITY_MEDIUM,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(port_remote_controls),
        },
    [DOCKER_RULE_PORT_PRIVILEGED] =
        {
            .id = STR_INIT("dockerfile-port-privileged"),
            .title = STR_INIT("A port below 1024 is exposed"),
            .why = STR_INIT(
                "On many systems only root, or who has NET_BIND_SERVICE, may listen there, "
                "so the container is run with more rights than it needs."),
            .remedy = STR_INIT("Listen above 1023 and let the Service map the port."),
            .severity = SEVERITY_INFO,
            CHECK_REFERENCES(practice_references),
        },
    [DOCKER_RULE_PORT_RANGE] =
        {
            .id = STR_INIT("dockerfile-port-range"),
            .title = STR_INIT("EXPOSE names what is no port"),
            .why = STR_INIT("Ports go from 1 to 65535; nothing is exposed by this."),
            .remedy = STR_INIT("Write the port that is meant."),
            .severity = SEVERITY_MEDIUM,
            CHECK_REFERENCES(dockerfile_references),
            CHECK_CONTROLS(port_range_controls),
        },
    [DOCKER_RULE_VOLUME] =
        {
            .id = STR_INIT("dockerfile-volume-sensitive"),
            .title = STR_INIT("A directory of the system is declared a volume"),
            .why = STR_INIT(
                "A volume there hides files that the system needs, or asks for those of the host."),
            .remedy = STR_INIT("Declare a directory of the application's own."),
            .severity = SEVERITY_MEDIUM,
            CHECK_REFERENCES(dockerfile_references),
            CHECK_CONTROLS(volume_controls),
        },
    [DOCKER_RULE_SEARCH_PATH] =
        {
            .id = STR_INIT("dockerfile-search-path"),
            .title = STR_INIT("Programs or libraries are searched where others may write"),
            .why = STR_INIT("Whoever can put a file there decides what root runs."),
            .remedy = STR_INIT("Keep to absolute directories that belong to root."),
            .severity = SEVERITY_MEDIUM,
            CHECK_REFERENCES(dockerfile_references),
        },
    [DOCKER_RULE_ENV_UNVERIFIED] =
        {
            .id = STR_INIT("dockerfile-env-unverified"),
            .title = STR_INIT("A variable switches the checking of certificates off"),
            .why = STR_INIT(
                "Every connection of the container can then be read and changed on its way."),
            .remedy = STR_INIT(
                "Remove the variable; add your own authority's certificate where that is the "
                "reason."),
            .severity = SEVERITY_MEDIUM,
            CHECK_REFERENCES(dockerfile_references),
            CHECK_CONTROLS(pipe_to_shell_controls),
        },
    [DOCKER_RULE_WORKDIR_RELATIVE] =
        {
            .id = STR_INIT("dockerfile-workdir-relative"),
            .title = STR_INIT("WORKDIR is not absolute"),
            .why =
                STR_INIT("Where it leads depends on the WORKDIR before it, that of the base too."),
            .remedy = STR_INIT("Write the path from the root."),
            .severity = SEVERITY_LOW,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(workdir_relative_controls),
        },
    [DOCKER_RULE_WORKDIR_SYSTEM] =
        {
            .id = STR_INIT("dockerfile-workdir-system"),
            .title = STR_INIT("WORKDIR is a directory of the system"),
            .why =
                STR_INIT("What is written there goes to the kernel or to devices, or is not in the "
                         "image at all."),
            .remedy = STR_INIT("Use a directory of its own: /app."),
            .severity = SEVERITY_MEDIUM,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(workdir_system_controls),
        },
    [DOCKER_RULE_UPDATE_ALONE] =
        {
            .id = STR_INIT("dockerfile-update-alone"),
            .title = STR_INIT("Lists of packages are updated in an instruction of their own"),
            .why = STR_INIT(
                "The instruction comes from the cache of builds, so later ones install from "
                "old lists, without the fixes since."),
            .remedy = STR_INIT("Update and install in one RUN instruction."),
            .severity = SEVERITY_MEDIUM,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(update_alone_controls),
        },
    [DOCKER_RULE_UPGRADE] =
        {
            .id = STR_INIT("dockerfile-upgrade"),
            .title = STR_INIT("The build upgrades all packages"),
            .why = STR_INIT(
                "What is in the image depends on the day of the build, and old files stay in "
                "the layers of the base."),
            .remedy =
                STR_INIT("Use a newer base; upgrade only what has a fix that the base lacks."),
            .severity = SEVERITY_LOW,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(upgrade_controls),
        },
    [DOCKER_RULE_DIST_UPGRADE] =
        {
            .id = STR_INIT("dockerfile-dist-upgrade"),
            .title = STR_INIT("The build upgrades the distribution"),
            .why = STR_INIT(
                "It may remove packages and change more than fixes, unseen, from one build "
                "to the next."),
            .remedy = STR_INIT("Build on the release that is meant."),
            .severity = SEVERITY_MEDIUM,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(dist_upgrade_controls),
        },
    [DOCKER_RULE_NO_YES] =
        {
            .id = STR_INIT("dockerfile-no-yes"),
            .title = STR_INIT("A package manager would ask"),
            .why = STR_INIT("Nobody answers in a build: it fails, or does less than it should."),
            .remedy = STR_INIT("Give -y (zypper: -n)."),
            .severity = SEVERITY_LOW,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(no_yes_controls),
        },
    [DOCKER_RULE_RECOMMENDS] =
        {
            .id = STR_INIT("dockerfile-recommends"),
            .title = STR_INIT("Packages that are only recommended are installed"),
            .why = STR_INIT("They are not needed, and each may have faults."),
            .remedy = STR_INIT("apt-get install --no-install-recommends, and name what is needed."),
            .severity = SEVERITY_LOW,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(recommends_controls),
        },
    [DOCKER_RULE_CACHE_LEFT] =
        {
            .id = STR_INIT("dockerfile-cache-left"),
            .title = STR_INIT("A package manager's cache is left behind"),
            .why = STR_INIT("It makes the image larger, and stays in its layer whatever later "
                            "instructions delete."),
            .remedy =
                STR_INIT("Clean up in the same RUN instruction, or use RUN --mount=type=cache."),
            .severity = SEVERITY_LOW,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(cache_left_controls),
        },
    [DOCKER_RULE_CD] =
        {
            .id = STR_INIT("dockerfile-cd"),
            .title = STR_INIT("RUN begins with cd"),
            .why = STR_INIT("The directory is forgotten at the end of the instruction."),
            .remedy = STR_INIT("Use WORKDIR."),
            .severity = SEVERITY_INFO,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(cd_controls),
        },
    [DOCKER_RULE_TWO_DOWNLOADERS] =
        {
            .id = STR_INIT("dockerfile-two-downloaders"),
            .title = STR_INIT("Both curl and wget are used"),
            .why = STR_INIT("Each is one more tool in the image for an intruder."),
            .remedy = STR_INIT("Use one of them."),
            .severity = SEVERITY_INFO,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(two_downloaders_controls),
        },
    [DOCKER_RULE_APT] =
        {
            .id = STR_INIT("dockerfile-apt"),
            .title = STR_INIT("apt is used in a script"),
            .why = STR_INIT("Its behaviour and output may change; apt-get is made for scripts."),
            .remedy = STR_INIT("Use apt-get."),
            .severity = SEVERITY_INFO,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(apt_controls),
        },
    [DOCKER_RULE_COPY_FROM_SELF] =
        {
            .id = STR_INIT("dockerfile-copy-from-self"),
            .title = STR_INIT("COPY takes files from a stage that is not there yet"),
            .why = STR_INIT("The build fails, or takes an image of that name from a registry."),
            .remedy = STR_INIT("Name an earlier stage."),
            .severity = SEVERITY_MEDIUM,
            CHECK_REFERENCES(dockerfile_references),
            CHECK_CONTROLS(copy_from_self_controls),
        },
    [DOCKER_RULE_COPY_MANY] =
        {
            .id = STR_INIT("dockerfile-copy-many"),
            .title = STR_INIT("Several sources are copied to what is no directory"),
            .why = STR_INIT("The build fails."),
            .remedy = STR_INIT("End the destination with \"/\"."),
            .severity = SEVERITY_MEDIUM,
            CHECK_REFERENCES(dockerfile_references),
            CHECK_CONTROLS(copy_many_controls),
        },
    [DOCKER_RULE_SAME_STAGE] =
        {
            .id = STR_INIT("dockerfile-same-stage"),
            .title = STR_INIT("Two stages have the same name"),
            .why = STR_INIT("Which of them is meant depends on where it is asked for."),
            .remedy = STR_INIT("Give each a name of its own."),
            .severity = SEVERITY_MEDIUM,
            CHECK_REFERENCES(dockerfile_references),
            CHECK_CONTROLS(same_stage_controls),
        },
    [DOCKER_RULE_MANY_CMD] =
        {
            .id = STR_INIT("dockerfile-many-cmd"),
            .title = STR_INIT("A stage has several CMD"),
            .why = STR_INIT("Only the last counts; who reads the others is misled."),
            .remedy = STR_INIT("Keep one."),
            .severity = SEVERITY_LOW,
            CHECK_REFERENCES(dockerfile_references),
            CHECK_CONTROLS(many_cmd_controls),
        },
    [DOCKER_RULE_MANY_ENTRYPOINT] =
        {
            .id = STR_INIT("dockerfile-many-entrypoint"),
            .title = STR_INIT("A stage has several ENTRYPOINT"),
            .why = STR_INIT("Only the last counts; who reads the others is misled."),
            .remedy = STR_INIT("Keep one."),
            .severity = SEVERITY_LOW,
            CHECK_REFERENCES(dockerfile_references),
            CHECK_CONTROLS(many_entrypoint_controls),
        },
    [DOCKER_RULE_MANY_HEALTHCHECK] =
        {
            .id = STR_INIT("dockerfile-many-healthcheck"),
            .title = STR_INIT("A stage has several HEALTHCHECK"),
            .why = STR_INIT("Only the last counts; who reads the others is misled."),
            .remedy = STR_INIT("Keep one."),
            .severity = SEVERITY_LOW,
            CHECK_REFERENCES(dockerfile_references),
            CHECK_CONTROLS(many_healthcheck_controls),
        },
    [DOCKER_RULE_HEALTHCHECK] =
        {
            .id = STR_INIT("dockerfile-healthcheck"),
            .title = STR_INIT("The image has no health check"),
            .why =
                STR_INIT("Docker then takes a container for well as long as its process is there. "
                         "Kubernetes does not look at this one; pods say it by probes."),
            .remedy =
                STR_INIT("HEALTHCHECK CMD ..., and liveness and readiness probes in the pod."),
            .severity = SEVERITY_INFO,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(healthcheck_controls),
        },
    [DOCKER_RULE_SHELL_FORM] =
        {
            .id = STR_INIT("dockerfile-shell-form"),
            .title = STR_INIT("The program is started by a shell"),
            .why =
                STR_INIT("The shell does not pass signals on, so the container is killed instead "
                         "of stopped; and it has to be in the image."),
            .remedy = STR_INIT("Write the exec form: CMD [\"program\", \"argument\"]."),
            .severity = SEVERITY_INFO,
            CHECK_REFERENCES(practice_references),
            CHECK_CONTROLS(shell_form_controls),
        },
    [DOCKER_RULE_STOP_SIGNAL] =
        {
            .id = STR_INIT("dockerfile-stop-signal"),
            .title = STR_INIT("The image is stopped by a signal that cannot be handled"),
            .why =
                STR_INIT("The program is ended in the middle of what it does, whatever time it is "
                         "given."),
            .remedy = STR_INIT("STOPSIGNAL SIGTERM, or the signal the program ends by."),
            .severity = SEVERITY_LOW,
            CHECK_REFERENCES(dockerfile_references),
        },
    [DOCKER_RULE_MAINTAINER] =
        {
            .id = STR_INIT("dockerfile-maintainer"),
            .title = STR_INIT("MAINTAINER is used"),
            .why = STR_INIT("It is deprecated, and a label is seen by more tools."),
            .remedy = STR_INIT("LABEL org.opencontainers.image.authors=\"...\"."),
            .severity = SEVERITY_INFO,
            CHECK_REFERENCES(dockerfile_references),
            CHECK_CONTROLS(maintainer_controls),
        },
};

const size_t dockerfile_rule_count = DOCKER_RULES;
