using System.Globalization;

namespace NetworkProtocol.Backup;

/// <summary>Names and numbers of users or groups, from <c>/etc/passwd</c> or <c>/etc/group</c>.</summary>
internal sealed class AccountNames
{
    private readonly Dictionary<string, int> _ids = [];
    private readonly Dictionary<int, string> _names = [];

    /// <summary>Reads a file; a file that does not exist has no names.</summary>
    public AccountNames(string file)
    {
        foreach (var fields in (File.Exists(file) ? File.ReadLines(file) : []).Select(line => line.Split(':')))
        {
            if (fields is [var name, _, var number, ..]
                && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            {
                _ids.TryAdd(name, id);
                _names.TryAdd(id, name);
            }
        }
    }

    /// <summary>The name of a number, or an empty text.</summary>
    public string Name(int id) => _names.GetValueOrDefault(id, "");

    /// <summary>The number of a name, or null.</summary>
    public int? Id(string name) => _ids.TryGetValue(name, out var id) ? id : null;
}
