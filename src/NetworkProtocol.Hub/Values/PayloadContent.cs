using System.Text;

namespace NetworkProtocol.Hub.Values;

/// <summary>Collects the numbers of one payload, within the limits.</summary>
internal sealed class PayloadContent
{
    private readonly List<PayloadValue> _values = [];
    private readonly HashSet<string> _fields = new(StringComparer.Ordinal);

    public IReadOnlyList<PayloadValue> Values => _values;

    /// <summary>Whether the payload has data that is no number, so that its numbers alone are not the whole message.</summary>
    public bool HasMore { get; set; }

    /// <exception cref="PayloadException">The value is beyond a limit.</exception>
    public void Add(PayloadValue value)
    {
        if (_values.Count == PayloadLimits.MaxValues)
        {
            throw new PayloadException($"The message has more than {PayloadLimits.MaxValues} values.");
        }

        if (_fields.Add(value.Field))
        {
            Check("field", value.Field, PayloadLimits.MaxFieldBytes);
            if (_fields.Count > PayloadLimits.MaxFields)
            {
                throw new PayloadException($"The message has more than {PayloadLimits.MaxFields} fields.");
            }
        }

        Check("unit", value.Unit, PayloadLimits.MaxUnitBytes);
        _values.Add(value);
    }

    private static void Check(string what, string text, int maxBytes)
    {
        if (text.Length > maxBytes || Encoding.UTF8.GetByteCount(text) > maxBytes)
        {
            throw new PayloadException($"The message has a {what} of more than {maxBytes} bytes.");
        }

        if (text.Any(char.IsControl))
        {
            throw new PayloadException($"The message has a {what} with a control character.");
        }
    }
}
