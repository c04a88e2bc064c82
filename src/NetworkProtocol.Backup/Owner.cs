namespace NetworkProtocol.Backup;

/// <summary>User and group of a file.</summary>
/// <param name="UserId">The user's number.</param>
/// <param name="GroupId">The group's number.</param>
/// <param name="User">The user's name, or empty.</param>
/// <param name="Group">The group's name, or empty.</param>
internal sealed record Owner(int UserId, int GroupId, string User, string Group)
{
    private static readonly Lazy<AccountNames> Users = new(() => new AccountNames("/etc/passwd"));
    private static readonly Lazy<AccountNames> Groups = new(() => new AccountNames("/etc/group"));

    public static Owner Of(int userId, int groupId) => new(userId, groupId, Users.Value.Name(userId), Groups.Value.Name(groupId));

    /// <summary>Their numbers here: by name where this machine knows the names.</summary>
    public (int User, int Group) Here => (Users.Value.Id(User) ?? UserId, Groups.Value.Id(Group) ?? GroupId);
}
