using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using NetworkProtocol.Cli.Printing;
using NetworkProtocol.Backup;

namespace NetworkProtocol.Cli.Commands.Backup;

/// <summary><c>backup</c>: configuration, certificates, keys and state of a server in one file that only its recipients can read.</summary>
internal sealed class BackupCommand : INetprotoCommand
{
    private const int DefaultKept = 0;

    public CommandGroup Group => CommandGroup.Backup;

    public Command Create()
    {
        var command = new Command(
            "backup",
            "Saves configuration, keys and state of the server on this machine, encrypted (age), and reads them again to be sure. "
                + "Example: netproto backup --to /var/backups/network-protocol --recipient age1... --keep 14");
        var to = new Option<string?>("--to") { Description = "The folder for backups; made 0700 if it is not there", Required = true, HelpName = "folder" };
        var keep = new Option<int>("--keep") { Description = "Keep so many of the newest and delete older ones; 0 deletes none", DefaultValueFactory = _ => DefaultKept };
        keep.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 0)
            {
                result.AddError("--keep: must be 0 or more");
            }
        });
        var upload = new Option<string?>("--upload") { Description = "A program that is run with the backup's path once it is verified, to take it elsewhere", HelpName = "program" };
        var json = new Option<bool>("--json") { Description = "Print JSON" };
        PathOptions.RefuseEmpty(to, upload);
        command.Add(to);
        var sources = new SourceOptions(command);
        var recipients = new RecipientOptions(command);
        command.Add(keep);
        command.Add(upload);
        var metrics = new MetricsOption(command);
        command.Add(json);
        command.SetAction((parsed, cancellationToken) => BackupErrors.GuardAsync(async () =>
        {
            var folder = Path.GetFullPath(parsed.GetValue(to)!);
            var saved = sources.Read(parsed, folder);
            var readers = await recipients.ReadAsync(parsed, cancellationToken);
            var leftOut = 0;
            void LeaveOut(string what)
            {
                leftOut++;
                Console.Error.WriteLine($"netproto: {Printable.Of(what)}, and left out");
            }

            var (path, manifest, deleted) = await MakeAsync(folder, saved, readers, LeaveOut, parsed.GetValue(upload), parsed.GetValue(keep), cancellationToken);
            await metrics.TellAsync(parsed, path, cancellationToken);
            Console.WriteLine(parsed.GetValue(json) ? Json(path, manifest, leftOut, deleted).ToJsonString()
                : $"{path}: {manifest.Files.Count} files, {manifest.Bytes} bytes, verified{(leftOut > 0 ? $"; {leftOut} left out" : "")}{(deleted.Count > 0 ? $"; {deleted.Count} older ones deleted" : "")}");
        }));
        return command;
    }

    private static async Task<(string Path, Manifest Manifest, IReadOnlyList<string> Deleted)> MakeAsync(
        string folder, IReadOnlyList<SourceFolder> sources, IReadOnlyList<NetworkProtocol.Backup.Age.IRecipient> recipients,
        Action<string> leftOut, string? upload, int keep, CancellationToken cancellationToken)
    {
        using var backups = BackupFolder.Open(folder);
        var (path, manifest) = await BackupMaker.MakeAsync(backups, sources, recipients, leftOut, cancellationToken);
        if (upload is not null)
        {
            await UploadAsync(upload, path, cancellationToken);
        }

        return (path, manifest, keep > 0 ? backups.Keep(keep, path) : []); // none is deleted while the newest is not where it belongs
    }

    private static async Task UploadAsync(string program, string path, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(program, [path]) { UseShellExecute = false })!;
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw new BackupException($"{path} is made and verified, but {program} has ended with {process.ExitCode}; no older one was deleted");
        }
    }

    private static JsonObject Json(string path, Manifest manifest, int leftOut, IReadOnlyList<string> deleted) => new()
    {
        ["path"] = path,
        ["size"] = new FileInfo(path).Length,
        ["created"] = manifest.Created,
        ["files"] = manifest.Files.Count,
        ["bytes"] = manifest.Bytes,
        ["leftOut"] = leftOut,
        ["deleted"] = new JsonArray([.. deleted.Select(file => JsonValue.Create(file))]),
    };
}
