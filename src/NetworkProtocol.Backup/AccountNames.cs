using System.Globalization;

namespace NetworkProtocol.Backup;

/// <summary>Names and numbers of users, or of groups, as <c>/etc/passwd</c> and <c>/etc/group</c> have them.</summary>
internal sealed class AccountNames
{
    private readonly Dictionary<string, int> _ids = [];
    private readonly Dictionary<int, string> _names = [];

    public AccountNames(string file)
    {
        foreach (var fields in (File.Exists(file) ? File.ReadLines(file) : []).Select(line => line.Split(':')))
        {
            if (fields is [var name, _, var number, ..] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            {
                _ids.TryAdd(name, id);
                _names.TryAdd(id, name);
            }
        }
    }

    public string Name(int id) => _names.GetValueOrDefault(id, "");

    public int? Id(string name) => _ids.TryGetValue(name, out var id) ? id : null;
}
