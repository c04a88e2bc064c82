using System.CommandLine;
using System.Text.Json.Nodes;
using NetworkProtocol.Cli.Printing;
using NetworkProtocol.Backup;
using NetworkProtocol.Backup.Age;

namespace NetworkProtocol.Cli.Commands.Backup;

/// <summary><c>restore</c>: checks the whole backup, and only then writes it into empty folders.</summary>
internal sealed class RestoreCommand : INetprotoCommand
{
    public CommandGroup Group => CommandGroup.Backup;

    public Command Create()
    {
        var command = new Command(
            "restore",
            "Checks a backup from its first byte to its last, then writes it to where it came from, or below --into. Overwrites nothing. "
                + "Example: netproto restore network-protocol-20260101T031500.000Z.tar.gz.age --identity-file backup.key");
        var backup = new Argument<string>("backup") { Description = "The backup" };
        var into = new Option<string?>("--into")
        {
            Description = "Restore below this folder, each source under its name, not to where it came from",
            HelpName = "folder",
        };
        var target = new Option<string[]>("--target")
        {
            Description = "The folder for a source that does not belong to /etc/network-protocol or /var/lib/network-protocol, "
                + "as letsencrypt=/etc/letsencrypt; may be repeated",
            HelpName = "name=folder",
        };
        var verify = new Option<bool>("--verify") { Description = "Only check, write nothing" };
        var json = new Option<bool>("--json") { Description = "Print JSON" };
        command.Add(backup);
        PathOptions.RefuseEmpty(into);
        command.Add(into);
        command.Add(target);
        var identities = new IdentityOptions(command);
        command.Add(verify);
        command.Add(json);
        command.SetAction((parsed, cancellationToken) => BackupErrors.GuardAsync(async () =>
        {
            await using var file = Open(parsed.GetValue(backup)!);
            var reader = new ArchiveReader(file.Name, file, await identities.ReadAsync(parsed, file, cancellationToken));
            var manifest = await reader.ReadAsync(onEntry: null, cancellationToken);
            var targets = parsed.GetValue(verify) ? [] : Targets(manifest, parsed.GetValue(into), parsed.GetValue(target) ?? []);
            if (targets.Count > 0)
            {
                await RestoreAsync(reader, targets, manifest.Bytes, cancellationToken);
            }

            Print(manifest, targets, file.Name, parsed.GetValue(json));
        }));
        return command;
    }

    private static FileStream Open(string path)
    {
        var file = File.Exists(path) ? new FileStream(path, new FileStreamOptions { Options = FileOptions.Asynchronous }) : null;
        return file is { CanSeek: true }
            ? file
            : throw new BackupUsageException(
                $"{path}: {(file is null ? "there is no such file" : "must be a file, because it is read twice")}");
    }

    private static Dictionary<string, string> Targets(Manifest manifest, string? into, string[] targets)
    {
        var given = targets.Select(text => text.Split('=', 2)).ToLookup(pair => pair[0], pair => pair.Length == 2 ? pair[1] : "");
        var unknown = targets.FirstOrDefault(text =>
            text.Split('=', 2) is not [var name, { Length: > 0 }] || !manifest.Sources.ContainsKey(name));
        return unknown is not null
            ? throw new BackupUsageException(
                $"--target {unknown}: must be one of {string.Join(", ", manifest.Sources.Keys)}, then = and a folder")
            : manifest.Sources.ToDictionary(source => source.Key, source => Path.GetFullPath(given[source.Key].LastOrDefault()
                ?? (into is not null ? Path.Combine(into, source.Key) : UsualTarget(source.Key, source.Value))));
    }

    // A stranger can have made the backup, so a folder that it names is not written to unless the user says so.
    private static string UsualTarget(string name, string from) => SourceOptions.Usual.GetValueOrDefault(name) == from
        ? from
        : throw new BackupUsageException(
            $"{name} was {from}: if it belongs there, say --target {name}={from}, else restore --into a folder");

    private static async Task RestoreAsync(
        ArchiveReader reader, Dictionary<string, string> targets, long bytes, CancellationToken cancellationToken)
    {
        var restorer = new Restorer(targets, bytes); // it throws before anything is written if a folder is not empty or a disk is full
        try
        {
            await reader.ReadAsync(restorer.Make, cancellationToken);
            restorer.Finish();
        }
        catch
        {
            restorer.Undo();
            throw;
        }
    }

    private static void Print(Manifest manifest, Dictionary<string, string> targets, string path, bool json)
    {
        if (json)
        {
            Console.WriteLine(new JsonObject
            {
                ["path"] = path,
                ["created"] = manifest.Created,
                ["host"] = manifest.Host,
                ["files"] = manifest.Files.Count,
                ["bytes"] = manifest.Bytes,
                ["restored"] = new JsonObject(
                    targets.Select(target => KeyValuePair.Create(target.Key, (JsonNode?)JsonValue.Create(target.Value)))),
            }.ToJsonString());
            return;
        }

        Console.WriteLine(
            $"{path}: made on {Printable.Of(manifest.Host)} at {manifest.Created:u}, {manifest.Files.Count} files, {manifest.Bytes} bytes, "
                + "all as they were written");
        foreach (var (name, target) in targets)
        {
            Console.WriteLine($"{name} is restored to {Printable.Of(target)}");
        }
    }
}
