using NetworkProtocol.Cli.Printing;
using NetworkProtocol.Backup.Age;

namespace NetworkProtocol.Cli.Commands.Backup;

/// <summary>A passphrase from a file's first line, or from the keyboard.</summary>
internal static class Passphrases
{
    private const int Shortest = 12;

    /// <summary>For a new backup.</summary>
    public static async Task<Passphrase> ChooseAsync(string? file, CancellationToken cancellationToken)
    {
        var text = await ReadAsync(file, "give --recipient, --recipient-file or --passphrase-file: a backup holds private keys, and is never written in the clear", cancellationToken);
        if (file is null && await Keyboard.AskSecretAsync("Once more:", cancellationToken) != text)
        {
            throw new BackupUsageException("the two passphrases are not the same");
        }

        return text.Length >= Shortest ? new Passphrase(text) : throw new BackupUsageException($"the passphrase must have {Shortest} characters or more");
    }

    /// <summary>For one that is there.</summary>
    public static async Task<Passphrase> RecallAsync(string? file, CancellationToken cancellationToken) =>
        new(await ReadAsync(file, "give --identity-file or --passphrase-file", cancellationToken));

    private static async Task<string> ReadAsync(string? file, string otherwise, CancellationToken cancellationToken)
    {
        if (file is not null)
        {
            var lines = File.Exists(file) ? File.ReadLinesAsync(file, cancellationToken) : throw new BackupUsageException($"--passphrase-file {file}: there is no such file");
            await foreach (var line in lines)
            {
                return line;
            }

            throw new BackupUsageException($"--passphrase-file {file}: is empty");
        }

        return Console.IsInputRedirected ? throw new BackupUsageException(otherwise) : await Keyboard.AskSecretAsync("Passphrase of the backup:", cancellationToken);
    }
}
