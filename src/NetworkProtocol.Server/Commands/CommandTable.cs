using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using NetworkProtocol.Messages;

namespace NetworkProtocol.Server.Commands;

/// <summary>The mapped commands. Programs fill the table before the server starts, and the start freezes it.</summary>
internal sealed class CommandTable(IServiceProvider services)
{
    /// <summary>The longest name, in characters.</summary>
    private const int MaxNameLength = 64;

    private readonly Dictionary<string, (CommandBuilder Builder, Func<CommandOptions, Command> Create)> _mapped =
        new(StringComparer.Ordinal);
    private FrozenDictionary<string, Command>? _frozen;

    public IServiceProvider Services => services;

    /// <summary>All commands, once the server starts.</summary>
    public IReadOnlyList<Command> All => _frozen!.Values;

    /// <exception cref="ArgumentException">A client would take a message with this command for an answer.</exception>
    public void ThrowIfNoPush(string command)
    {
        ArgumentException.ThrowIfNullOrEmpty(command);
        if (command.Length > MaxNameLength || command == Message.Custom.ErrorCommand || _mapped.ContainsKey(command))
        {
            throw new ArgumentException(
                $"'{command}' cannot be pushed: it must have 1 to {MaxNameLength} characters, and must not be ERROR or a mapped command, "
                + "because a client would take the message for an answer.", nameof(command));
        }
    }

    public void Add(CommandBuilder builder, Func<CommandOptions, Command> create)
    {
        var name = builder.Name;
        ThrowIfFrozen();
        if (name.Length is 0 or > MaxNameLength || name == Message.Custom.ErrorCommand)
        {
            throw new ArgumentException($"'{name}' cannot be a command: 1 to {MaxNameLength} characters, and not ERROR.", nameof(builder));
        }

        if (!_mapped.TryAdd(name, (builder, create)))
        {
            throw new ArgumentException($"The command {name} is mapped already.", nameof(builder));
        }
    }

    public void ThrowIfFrozen()
    {
        if (_frozen is not null)
        {
            throw new InvalidOperationException("The server has started: map commands, and add their conventions, before.");
        }
    }

    /// <summary>Applies all conventions. Further calls do nothing.</summary>
    public void Freeze() => _frozen ??= _mapped.ToFrozenDictionary(
        pair => pair.Key, pair => pair.Value.Create(pair.Value.Builder.Build()), StringComparer.Ordinal);

    public bool TryGet(ReadOnlySpan<byte> utf8Name, [NotNullWhen(true)] out Command? command)
    {
        command = null;
        Span<char> name = stackalloc char[MaxNameLength];
        return Encoding.UTF8.TryGetChars(utf8Name, name, out var length)
            && _frozen!.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name[..length], out command);
    }
}
