using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using NetworkProtocol.Cli.Printing;
using NetworkProtocol.Backup;
using NetworkProtocol.Backup.Age;

namespace NetworkProtocol.Cli.Commands.Backup;

/// <summary>
/// <c>backup</c>: saves configuration, certificates, keys and state of a server in one file that only its recipients can read.
/// </summary>
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
        var to = new Option<string?>("--to")
        {
            Description = "The folder for backups; it is created with mode 0700 if it does not exist",
            Required = true,
            HelpName = "folder",
        };
        var keep = new Option<int>("--keep")
        {
            Description = "How many of the newest backups to keep; older ones are deleted. 0 deletes none",
            DefaultValueFactory = _ => DefaultKept,
        };
        keep.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 0)
            {
                result.AddError("--keep: must be 0 or more");
            }
        });
        var upload = new Option<string?>("--upload")
        {
            Description = "A program that copies the verified backup to another machine; its argument is the backup's path",
            HelpName = "program",
        };
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

            var (path, manifest, deleted) = await MakeAsync(
                folder, saved, readers, LeaveOut, parsed.GetValue(upload), parsed.GetValue(keep), cancellationToken);
            await metrics.WriteAsync(parsed, path, cancellationToken);
            Console.WriteLine(parsed.GetValue(json)
                ? Json(path, manifest, leftOut, deleted).ToJsonString()
                : Text(path, manifest, leftOut, deleted));
        }));
        return command;
    }

    private static async Task<(string Path, Manifest Manifest, IReadOnlyList<string> Deleted)> MakeAsync(
        string folder,
        IReadOnlyList<SourceFolder> sources,
        IReadOnlyList<IRecipient> recipients,
        Action<string> leftOut,
        string? upload,
        int keep,
        CancellationToken cancellationToken)
    {
        using var backups = BackupFolder.Open(folder);
        var (path, manifest) = await BackupMaker.MakeAsync(backups, sources, recipients, leftOut, cancellationToken);
        if (upload is not null)
        {
            await UploadAsync(upload, path, cancellationToken);
        }

        // Last, so that no old backup is deleted before the new one was uploaded.
        return (path, manifest, keep > 0 ? backups.Keep(keep, path) : []);
    }

    private static async Task UploadAsync(string program, string path, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(program, [path]) { UseShellExecute = false })!;
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw new BackupException(
                $"{path} is made and verified, but {program} has ended with exit code {process.ExitCode}; no older backup was deleted");
        }
    }

    private static string Text(string path, Manifest manifest, int leftOut, IReadOnlyList<string> deleted) =>
        $"{path}: {manifest.Files.Count} files, {manifest.Bytes} bytes, verified"
            + (leftOut > 0 ? $"; {leftOut} left out" : "")
            + (deleted.Count > 0 ? $"; {deleted.Count} older ones deleted" : "");

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
