using System.Formats.Tar;

namespace Integration.Tests.Operations;

/// <summary>What goes into a backup, how many are kept, and what netproto and age think of each other's files.</summary>
public sealed class BackupFileTests
{
    [Fact]
    public async Task Age_and_tar_alone_can_restore_it()
    {
        using var saved = await SavedServer.CreateAsync();
        var backup = await saved.BackUpAsync();
        var plain = saved.InFolder("plain.tar.gz");
        (await Tool.RunAsync("age", "--decrypt", "--identity", saved.Key, "--output", plain, backup)).Good();
        var listed = (await Tool.RunAsync("tar", "--list", "--gzip", "--file", plain)).Good().Output;
        Assert.Contains("configuration/tls/privkey.pem\n", listed, StringComparison.Ordinal);
        Assert.EndsWith("manifest.json\n", listed, StringComparison.Ordinal);
        Assert.Equal(saved.Recipient, (await Tool.RunAsync("age-keygen", "-y", saved.Key)).Good().Output.Trim());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65_536)] // of data that does not become smaller: around the ends of age's chunks
    [InlineData(1_000_000)]
    public async Task A_key_of_age_keygen_reads_it(int length)
    {
        using var saved = await SavedServer.CreateAsync();
        var content = System.Security.Cryptography.RandomNumberGenerator.GetBytes(length);
        await File.WriteAllBytesAsync(Path.Combine(saved.State, "data"), content);
        var (key, recipients) = (saved.InFolder("age.key"), saved.InFolder("recipients"));
        (await Tool.RunAsync("age-keygen", "--output", key)).Good();
        var recipient = (await Tool.RunAsync("age-keygen", "-y", key)).Good().Output;
        await File.WriteAllTextAsync(recipients, $"# two who can read it\n{recipient}\n{saved.Recipient}\n");
        await SavedServer.RunAsync(saved.BackupArguments("--recipient-file", recipients));
        await SavedServer.RunAsync("restore", saved.OnlyBackup, "--identity-file", key, "--into", saved.Restored);
        Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(saved.Restored, "state", "data")));
    }

    [Fact]
    public async Task Modes_owners_and_links_come_back()
    {
        using var saved = await SavedServer.CreateAsync();
        var live = Directory.CreateDirectory(Path.Combine(saved.Configuration, "live")).FullName;
        var outside = saved.InFolder("outside.pem");
        await File.WriteAllTextAsync(outside, "outside");
        File.CreateSymbolicLink(Path.Combine(live, "inside"), "../tls/privkey.pem");
        File.CreateSymbolicLink(Path.Combine(live, "outside"), outside);
        File.SetUnixFileMode(Path.Combine(saved.Configuration, "appsettings.json"), UnixFileMode.UserRead | UnixFileMode.GroupRead);
        (await Tool.RunAsync("chgrp", "daemon", Path.Combine(saved.Configuration, "appsettings.json"))).Good();
        (await Tool.RunAsync("mkfifo", Path.Combine(saved.State, "pipe"))).Good();
        File.CreateSymbolicLink(Path.Combine(saved.Configuration, "nowhere"), "/nowhere/at/all");
        File.CreateSymbolicLink(Path.Combine(saved.State, "out"), "/etc"); // by the service, which must not have root read for it
        File.CreateSymbolicLink(Path.Combine(saved.Configuration, "current"), "tls");
        File.CreateSymbolicLink(Path.Combine(saved.Configuration, "through"), "current/privkey.pem");
        var (exitCode, _, errors) = await NetprotoProcess.RunAsync(saved.BackupArguments("--recipient", saved.Recipient));
        Assert.Equal(0, exitCode);
        Assert.Equal(
            $"netproto: {saved.Configuration}/nowhere is a link that leads nowhere, and left out\n"
            + $"netproto: {saved.State}/out is a link that leads elsewhere, and left out\n"
            + $"netproto: {saved.State}/pipe is a socket, a pipe or a device, and left out\n", errors);

        await saved.RestoreAsync(saved.OnlyBackup);
        var configuration = Path.Combine(saved.Restored, "configuration");
        Assert.Equal("../tls/privkey.pem", new FileInfo(Path.Combine(configuration, "live", "inside")).LinkTarget);
        Assert.Equal("outside", await File.ReadAllTextAsync(Path.Combine(configuration, "live", "outside")));
        Assert.Null(new FileInfo(Path.Combine(configuration, "live", "outside")).LinkTarget);
        Assert.Equal("440 daemon\n", await StatAsync("%a %G", Path.Combine(configuration, "appsettings.json")));
        Assert.Equal("700\n", await StatAsync("%a", saved.Restored));
    }

    [Fact]
    public async Task The_newest_are_kept_unless_the_upload_has_failed()
    {
        using var saved = await SavedServer.CreateAsync();
        var upload = saved.InFolder("upload");
        await File.WriteAllTextAsync(upload, "#!/bin/sh\nexec test -s \"$1\"\n");
        File.SetUnixFileMode(upload, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(saved.Backups).FullName, "of somebody else.age"), "");
        await File.WriteAllTextAsync(Path.Combine(saved.Backups, "network-protocol-20200101T000000.000Z.tar.gz.age.partial"), "cut off");
        var made = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            made.Add(await saved.BackUpAsync("--keep", "2", "--upload", upload));
        }

        Assert.Equal(
            made[1..].Append(Path.Combine(saved.Backups, "of somebody else.age")).Order(),
            Directory.GetFiles(saved.Backups, "*.age*").Order());
        await saved.FailToBackUpAsync(1, "/bin/false has ended with exit code 1", "--keep", "1", "--upload", "/bin/false");
        Assert.Equal(4, Directory.GetFiles(saved.Backups, "*.age").Length);
        Assert.All(made[1..], backup => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(backup)));
    }

    [Fact]
    public async Task A_forged_one_leads_nowhere()
    {
        // Whoever knows the public key can make a backup.
        using var saved = await SavedServer.CreateAsync();
        foreach (var (type, name, link) in new[]
        {
            (TarEntryType.RegularFile, "../../evil", ""),
            (TarEntryType.RegularFile, "configuration/../../evil", ""),
            (TarEntryType.RegularFile, "/evil", ""),
            (TarEntryType.SymbolicLink, "configuration/evil", "/etc/passwd"),
            (TarEntryType.SymbolicLink, "configuration/evil", "../evil"),
            (TarEntryType.HardLink, "configuration/evil", "../evil"),
            (TarEntryType.CharacterDevice, "configuration/evil", ""),
            (TarEntryType.RegularFile, "configuration/not in the list", ""),
            (TarEntryType.Directory, "elsewhere", ""),
        })
        {
            var forged = saved.InFolder("forged.age");
            await ForgedBackup.MakeAsync(saved, forged, (type, name, link));
            await saved.FailToRestoreAsync(1, name.Trim('/'), forged);
            Assert.Empty(Directory.Exists(saved.Restored) ? Directory.GetFileSystemEntries(saved.Restored) : []);
        }
    }

    [Fact]
    public async Task What_is_wrong_is_said_before_anything_is_done()
    {
        using var saved = await SavedServer.CreateAsync();
        await SavedServer.FailAsync(2, "never written without encryption", saved.BackupArguments());
        await SavedServer.FailAsync(2, "age1nonsense is not a public key", saved.BackupArguments("--recipient", "age1nonsense"));
        await SavedServer.FailAsync(2, "must not be on this machine", saved.BackupArguments("--recipient", "AGE-SECRET-KEY-1AAA"));
        await saved.FailToBackUpAsync(2, "there is no such folder", "--source", "more=/nowhere");
        await saved.FailToBackUpAsync(2, "must be a name of letters", "--source", "../x=/etc");
        await saved.FailToBackUpAsync(2, "that name is taken", "--source", $"state={saved.State}");
        await SavedServer.FailAsync(
            2, "the backups would be saved, too",
            "backup", "--to", Path.Combine(saved.State, "backups"), "--configuration", saved.Configuration, "--state", saved.State,
            "--recipient", saved.Recipient);
        await saved.FailToBackUpAsync(2, "--keep: must be 0 or more", "--keep", "-1");
        var passphrase = saved.InFolder("passphrase");
        await File.WriteAllTextAsync(passphrase, "short\n");
        await SavedServer.FailAsync(2, "12 characters or more", saved.BackupArguments("--passphrase-file", passphrase));
        await saved.FailToBackUpAsync(2, "for keys or for a passphrase", "--passphrase-file", passphrase);
        await saved.FailToBackUpAsync(2, "is within another source", "--source", $"tls={saved.Configuration}/tls");
        await SavedServer.FailAsync(2, "--to: must not be empty", "backup", "--to", "", "--recipient", saved.Recipient);
        await SavedServer.FailAsync(2, "there is no such file", "restore", saved.InFolder("none"), "--identity-file", saved.Key);
        Assert.False(Directory.Exists(saved.Backups));
    }

    [Fact]
    public async Task A_forged_one_leads_nowhere_through_several_links()
    {
        using var saved = await SavedServer.CreateAsync();
        var forged = saved.InFolder("forged.age");
        await ForgedBackup.MakeAsync(
            saved, forged, (TarEntryType.Directory, "configuration/a", ""), (TarEntryType.Directory, "configuration/a/b", ""),
            (TarEntryType.SymbolicLink, "configuration/a/b/up", "../.."), (TarEntryType.SymbolicLink, "configuration/a/b/out", "up/../.."));
        await saved.FailToRestoreAsync(1, "configuration/a/b/out is a link to up/../.., outside", forged);
        await ForgedBackup.MakeAsync(
            saved, forged,
            (TarEntryType.SymbolicLink, "configuration/here", "."), (TarEntryType.RegularFile, "configuration/here/evil", ""));
        await saved.FailToRestoreAsync(1, "configuration/here/evil lies behind a link", forged);
        await ForgedBackup.MakeAsync(
            saved, forged, (TarEntryType.RegularFile, "configuration/x", ""), (TarEntryType.RegularFile, "configuration/x", ""));
        await saved.FailToRestoreAsync(1, "it is there twice", forged);
        Assert.False(Directory.Exists(saved.Restored));
    }

    private static async Task<string> StatAsync(string format, string path) =>
        (await Tool.RunAsync("stat", "--format", format, path)).Good().Output;
}
