using System.CommandLine;
using NetworkProtocol.Backup.Age;

namespace NetworkProtocol.Cli.Commands.Backup;

/// <summary>The public keys, or the passphrase, that a backup is encrypted for.</summary>
internal sealed class RecipientOptions
{
    private const int MostRecipients = 100;

    private readonly Option<string[]> _keys = new("--recipient")
    {
        Description = "A public key, age1..., from netproto backup-key or age-keygen; may be repeated",
        HelpName = "key",
    };

    private readonly Option<string?> _keyFile = new("--recipient-file")
    {
        Description = "A file of public keys, one a line",
        HelpName = "file",
    };

    private readonly Option<string?> _passphraseFile = new("--passphrase-file")
    {
        Description = "A file whose first line is a passphrase; netproto asks for a passphrase if neither keys nor a file are given",
        HelpName = "file",
    };

    /// <summary>Adds the options to a command.</summary>
    public RecipientOptions(Command command)
    {
        PathOptions.RefuseEmpty(_keyFile, _passphraseFile);
        command.Add(_keys);
        command.Add(_keyFile);
        command.Add(_passphraseFile);
    }

    /// <summary>Reads the keys, or the passphrase.</summary>
    /// <exception cref="BackupUsageException">There is none, there are both, or a text is not a key.</exception>
    public async Task<IReadOnlyList<IRecipient>> ReadAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (file, passphraseFile) = (parsed.GetValue(_keyFile), parsed.GetValue(_passphraseFile));
        var keys = (parsed.GetValue(_keys) ?? []).Select(text => Parse("--recipient", text)).ToList();
        if (file is not null)
        {
            keys.AddRange((await KeyLines.ReadAsync("--recipient-file", file, cancellationToken)).Select(text => Parse(file, text)));
        }

        if (keys.Count > 0 && passphraseFile is not null)
        {
            throw new BackupUsageException("a backup is for keys or for a passphrase: give --recipient or --passphrase-file");
        }

        if (keys.Count > MostRecipients || (file is not null && keys.Count == 0))
        {
            throw new BackupUsageException($"{file ?? "--recipient"}: must be 1 to {MostRecipients} keys");
        }

        return keys.Count > 0 ? keys : [await Passphrases.ChooseAsync(passphraseFile, cancellationToken)];
    }

    private static X25519Recipient Parse(string where, string text) => X25519Recipient.Parse(text) ?? throw new BackupUsageException(
        text.StartsWith("AGE-SECRET-KEY-", StringComparison.OrdinalIgnoreCase)
            ? $"{where}: that is a private key, which must not be on this machine; give its public key, age1..."
            : $"{where}: {text} is not a public key, age1..., as netproto backup-key prints");
}
