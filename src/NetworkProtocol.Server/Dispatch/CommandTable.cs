using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using NetworkProtocol.Messages;

namespace NetworkProtocol.Server.Dispatch;

/// <summary>The registered commands: filled before the start, frozen then.</summary>
public sealed class CommandTable
{
    /// <summary>The longest name, in characters.</summary>
    public const int MaxNameLength = 64;

    private readonly Dictionary<string, Command> _building = new(StringComparer.Ordinal);
    private FrozenDictionary<string, Command>? _frozen;

    /// <summary>Adds a command.</summary>
    /// <exception cref="ArgumentException">The name is empty, longer than 64 characters, <c>ERROR</c>, or taken.</exception>
    /// <exception cref="InvalidOperationException">The server has started.</exception>
    public void Add(string name, CommandHandler handler)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(handler);
        if (_frozen is not null)
        {
            throw new InvalidOperationException($"The command {name} comes too late: map commands before the server starts.");
        }

        if (name.Length > MaxNameLength || name == Message.Custom.ErrorCommand)
        {
            throw new ArgumentException($"{name} cannot be a command: 1 to {MaxNameLength} characters, and not ERROR.", nameof(name));
        }

        if (!_building.TryAdd(name, new Command(name, handler)))
        {
            throw new ArgumentException($"The command {name} is mapped already.", nameof(name));
        }
    }

    internal IEnumerable<string> Names => _building.Keys;

    internal void Freeze() => _frozen = _building.ToFrozenDictionary(StringComparer.Ordinal);

    internal bool TryGet(ReadOnlySpan<byte> utf8Name, [NotNullWhen(true)] out Command? command)
    {
        command = null;
        Span<char> name = stackalloc char[MaxNameLength];
        return Encoding.UTF8.TryGetChars(utf8Name, name, out var length)
            && _frozen!.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name[..length], out command);
    }
}

/// <summary>A registered command.</summary>
internal sealed record Command(string Name, CommandHandler Handler);
