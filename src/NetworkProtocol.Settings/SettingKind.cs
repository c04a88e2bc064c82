namespace NetworkProtocol.Settings;

/// <summary>The form of a setting in the configuration.</summary>
public enum SettingKind
{
    /// <summary>One value, for example a number or a text.</summary>
    Value,

    /// <summary>Entries with the keys 0, 1, 2 and so on.</summary>
    List,

    /// <summary>Entries with names that the operator chooses.</summary>
    Dictionary,

    /// <summary>Settings with the names of the class's properties.</summary>
    Section,
}
