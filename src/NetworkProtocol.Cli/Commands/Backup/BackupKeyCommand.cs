using System.CommandLine;
using System.Globalization;
using NetworkProtocol.Backup;
using NetworkProtocol.Backup.Age;

namespace NetworkProtocol.Cli.Commands.Backup;

/// <summary><c>backup-key</c>: makes a key pair for backups. The servers get only the public key.</summary>
internal sealed class BackupKeyCommand : INetprotoCommand
{
    public CommandGroup Group => CommandGroup.Backup;

    public Command Create()
    {
        var command = new Command(
            "backup-key",
            "Makes a key pair for backups: writes the private key into a new file that only you can read, and prints the public key. "
                + "Example: netproto backup-key --to backup.key > backup.recipient");
        var to = new Option<string?>("--to")
        {
            Description = "The file for the private key, which must not be on the server",
            Required = true,
            HelpName = "file",
        };
        PathOptions.RefuseEmpty(to);
        command.Add(to);
        command.SetAction((parsed, cancellationToken) => BackupErrors.GuardAsync(async () =>
        {
            var key = X25519Identity.Create();
            var text = string.Create(
                CultureInfo.InvariantCulture,
                $"# created: {TimeProvider.System.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss'Z'}\n# public key: {key.Recipient}\n{key.Export()}\n");
            await WriteAsync(parsed.GetValue(to)!, text, cancellationToken);
            Console.WriteLine(key.Recipient);
        }));
        return command;
    }

    private static async Task WriteAsync(string path, string text, CancellationToken cancellationToken)
    {
        if (File.Exists(path))
        {
            throw new BackupException($"{path} exists, and backups may need its key: give another name");
        }

        await using var file = new StreamWriter(path, PrivateFiles.Options(FileMode.CreateNew));
        await file.WriteAsync(text.AsMemory(), cancellationToken);
    }
}
