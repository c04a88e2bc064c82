using System.Diagnostics;
using System.Formats.Tar;
using System.Text.Json;

namespace Integration.Tests.Operations;

/// <summary>
/// Linux allows every byte except NUL and '/' in a name, and a backup does so too. An unreadable file makes the backup fail.
/// </summary>
public sealed class BackupNamesTests
{
    // Bytes that are not UTF-8, names that are equal after replacement, and characters that a terminal, a shell, a tar header or a manifest
    // interprets.
    private const string MakeNames = """
        set -e
        names=($'\xff' $'\xff\xfe' $'\xfe' $'\xc3' $'\xa9' $'\xc3\xa9' $'\xef\xbf\xbd' $'\xed\xb3\xbf' $'\xf0\x9f\x98'
          $'\xf0\x9f\x98\x80' $'a\xe2\x80\x8bb' ab
          $'two\nlines' $'a\rb' $'\x01\x1b[31m\x7f' 'back\slash' '\xFF' '\\' ' ' ' spaces ' ... dots. -rf --help '*?[x]'
          '"it'"'"'s"' %s%n '~' a A
          'path=evil' $'12 path=x\n' $'path=x\n30 linkpath=passwd\n' manifest.json $'e\xcc\x81' $'\xe2\x80\xae'
          "$(printf 'n%.0s' {1..255})" "$(printf '\xfe%.0s' {1..255})")
        for name in "${names[@]}"; do
          mkdir -- "$1/in-${name:0:200}"
          printf %s "$name" > "$1/$name"
          printf inner > "$1/in-${name:0:200}/$name"
          ln -s -- "$name" "$1/in-${name:0:200}/link"
        done
        cd "$1"
        for depth in {1..40}; do name=$'deep\xff'$depth$(printf 'd%.0s' {1..200}); mkdir "$name"; cd -P "./$name"; done
        echo bottom > $'bottom\xff'
        """;

    private const string List = """
        cd "$1"
        find . -type l -printf '%P %l\0' -o -printf '%P %y %m %T@\0' | sed -z 's/\([.][0-9]\{7\}\)[0-9]*/\1/' | sort -z
        find . -type f -execdir sha256sum -z -- {} + | sort -z
        """;

    [Fact]
    public async Task Each_name_that_Linux_allows_is_saved_and_restored()
    {
        using var saved = await SavedServer.CreateAsync();
        await BashAsync(MakeNames, saved.State);
        await BashAsync(MakeNames, saved.Configuration);
        var backup = await saved.BackUpAsync();
        await saved.RestoreAsync(backup);
        Assert.Equal(await BashAsync(List, saved.State), await BashAsync(List, Path.Combine(saved.Restored, "state")));
        Assert.Equal(
            await BashAsync(List, saved.Configuration), await BashAsync(List, Path.Combine(saved.Restored, "configuration")));
    }

    [Fact]
    public async Task Age_and_tar_restore_each_name_to_the_byte()
    {
        using var saved = await SavedServer.CreateAsync();
        await BashAsync(MakeNames, saved.State);
        await BashAsync("""rm -r "$1"/deep*""", saved.State); // tar fails at paths of 4096 bytes
        var (backup, into) = (await saved.BackUpAsync(), Directory.CreateDirectory(saved.Restored).FullName);
        await BashAsync(
            "set -o pipefail; age --decrypt --identity \"$2\" \"$3\" | tar --extract --gzip --directory \"$1\"", into, saved.Key, backup);
        Assert.Equal(await BashAsync(List, saved.State), await BashAsync(List, Path.Combine(into, "state")));
    }

    [Fact]
    public async Task What_cannot_be_read_ends_the_backup_and_is_named()
    {
        using var saved = await SavedServer.CreateAsync();
        Task RefusedAsync(string error) => SavedServer.FailAsync(1, error, saved.BackupArguments("--recipient", saved.Recipient));

        // Root can read all files except the kernel's write-only files.
        var unreadable = Path.Combine(saved.Configuration, "unreadable");
        File.CreateSymbolicLink(unreadable, "/sys/bus/cpu/uevent");
        await RefusedAsync($"{unreadable}: ");
        File.Delete(unreadable);
        File.CreateSymbolicLink(Path.Combine(saved.Configuration, "circle"), saved.InFolder("."));
        await RefusedAsync("leads in a circle");
        Assert.Empty(Directory.GetFiles(saved.Backups, "network-protocol-*"));
    }

    [Fact]
    public async Task What_is_left_out_is_counted_and_shown_without_what_a_terminal_obeys()
    {
        using var saved = await SavedServer.CreateAsync();
        await BashAsync("""mkfifo "$1"/$'pipe\x1b[31m\xff\n'""", saved.State);
        var (exitCode, output, errors) = await NetprotoProcess.RunAsync(
            [.. saved.BackupArguments("--recipient", saved.Recipient), "--json"]);
        Assert.Equal(
            (0, $"netproto: {saved.State}/pipe\uFFFD[31m\\xFF  is a socket, a pipe or a device, and left out\n"), (exitCode, errors));
        using var made = JsonDocument.Parse(output);
        Assert.Equal(1, made.RootElement.GetProperty("leftOut").GetInt32());
    }

    [Fact]
    public async Task A_backup_of_the_first_format_is_restored()
    {
        using var saved = await SavedServer.CreateAsync();
        var old = saved.InFolder("old.age");
        await ForgedBackup.MakeAsync(saved, old, async packed =>
        {
            await using var tar = new TarWriter(packed, leaveOpen: true);
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.Directory, "state"));
            using var content = new MemoryStream("restore me"u8.ToArray());
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, @"state/back\slash é") { DataStream = content });
            var sha256 = Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(content.ToArray()));
            var files = new Dictionary<string, object> { [@"state/back\slash é"] = new { size = content.Length, sha256 } };
            var manifest = new
            {
                format = 1, created = "2026-01-01T00:00:00Z", host = "h", program = "1", sources = new { state = "/var" }, files,
                links = new { },
            };
            using var json = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(manifest));
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, "manifest.json") { DataStream = json });
        });
        await saved.RestoreAsync(old);
        Assert.Equal("restore me", await File.ReadAllTextAsync(Path.Combine(saved.Restored, "state", @"back\slash é")));
    }

    private static async Task<string> BashAsync(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo("bash", ["-c", script, "bash", .. arguments])
        {
            StandardOutputEncoding = System.Text.Encoding.Latin1,
        };
        return (await Tool.RunAsync(start)).Good().Output;
    }
}
